use crate::service::KnownService;

#[test]
fn a_guide_says_what_to_enter_what_is_asked_for_and_where_secrets_go() {
    let entry: KnownService = serde_saphyr::from_str(
        r#"
id: acme
name: Acme
categories: [crm]
summary: Orders and customers.
baseUrl: https://{account}.acme.example/v1
hosts:
  - {host: "{account}.acme.example", class: label}
  - {host: login.acme.example, class: fixed}
auth:
  - id: token
    authType: bearer
    name: API token
    fields:
      - {name: account, label: Account, help: The first part of your address., format: hostLabel}
      - {name: token, label: API token, secret: true}
    test:
      - {method: GET, url: "https://{account}.acme.example/v1/me?fields=id", account: [/id]}
  - id: oauth2
    authType: oauth2
    name: OAuth
    fields:
      - {name: clientSecret, label: Client secret, secret: true, optional: true}
    oauth:
      authorizationUrl: https://login.acme.example/authorize
      tokenUrl: https://login.acme.example/token
      permissions:
        - {scope: orders.read, reason: Reads orders.}
        - {scope: orders.write, reason: Writes orders., optional: true}
docs: [https://acme.example/docs]
confirmed:
  - vendorPage: {url: https://acme.example/docs, on: 2026-11-22}
"#,
    )
    .unwrap();
    let guide = entry.guide();
    assert_eq!(
        guide,
        "# Acme

## What it does

Orders and customers.
Flero knows how to authenticate here. Use the credential in the HTTP Request node or over the proxy.

## Get a credential

**API token**

- *Account*: The first part of your address.
- *API token*

It is tested with `GET https://{account}.acme.example/v1/me`.

**OAuth**

Register an app at the service with the callback URL that Flero shows.

- *Client secret* (optional)

## Permissions

| scope | why |
|---|---|
| `orders.read` | Reads orders. |
| `orders.write` | Writes orders. Asked for only when chosen. |

## Hosts

Requests go to `https://{account}.acme.example/v1`. The secret is sent to:

- `{account}.acme.example`, where the part in braces is one label that you enter
- `login.acme.example`

## Documentation

- <https://acme.example/docs>
"
    );
}
