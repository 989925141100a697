//! Documented token formats.
//!
//! A row says what a token looks like by its fixed parts, so that words, identifiers and hashes are not taken for
//! one. Each names where the format is documented or published.

use std::sync::LazyLock;

use regex::{Regex, RegexSet, RegexSetBuilder};

/// One token format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// What it is, for people.
    pub kind: &'static str,
    /// A regular expression of the token itself, without what stands around it.
    pub pattern: &'static str,
    /// Where the format is documented.
    pub source: &'static str,
}

/// GitHub's list of secrets that its scanning recognizes, with their issuers' patterns.
const GITHUB_LIST: &str = "https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns";
/// The published rules of gitleaks (MIT).
const GITLEAKS: &str = "https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml";

macro_rules! formats {
    ($($kind:literal, $pattern:literal, $source:expr;)*) => {
        /// Every format that is recognized.
        pub const FORMATS: &[Format] = &[$(Format { kind: $kind, pattern: $pattern, source: $source }),*];
    };
}

formats! {
    "Flero API key", "flero_[0-9A-Za-z]{36}", "flero_model::api_key";
    "GitHub personal access token", "ghp_[0-9A-Za-z]{36}", "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/";
    "GitHub OAuth token", "gho_[0-9A-Za-z]{36}", "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/";
    "GitHub app token", "gh[us]_[0-9A-Za-z]{36}", "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/";
    "GitHub refresh token", "ghr_[0-9A-Za-z]{36,76}", "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/";
    "GitHub fine-grained token", "github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}", GITHUB_LIST;
    "GitLab personal access token", "glpat-[0-9A-Za-z_-]{20}(\\.[0-9a-z]{2}\\.[0-9a-z]{9})?", "https://docs.gitlab.com/security/tokens/#token-prefixes";
    "GitLab pipeline trigger token", "glptt-[0-9a-f]{40}", "https://docs.gitlab.com/security/tokens/#token-prefixes";
    "GitLab deploy token", "gldt-[0-9A-Za-z_-]{20}", "https://docs.gitlab.com/security/tokens/#token-prefixes";
    "GitLab runner token", "(glrt|GR1348941)-?[0-9A-Za-z_-]{20}", "https://docs.gitlab.com/security/tokens/#token-prefixes";
    "GitLab CI job token", "glcbt-[0-9a-zA-Z]{1,5}_[0-9A-Za-z_-]{20}", "https://docs.gitlab.com/security/tokens/#token-prefixes";
    "GitLab OAuth secret", "gloas-[0-9a-f]{64}", "https://docs.gitlab.com/security/tokens/#token-prefixes";
    "Slack bot token", "xoxb-[0-9]{10,13}-[0-9]{10,13}-[0-9A-Za-z]{24}", "https://docs.slack.dev/authentication/tokens";
    "Slack user token", "xox[pe](-[0-9]{10,13}){3}-[0-9A-Za-z]{28,34}", "https://docs.slack.dev/authentication/tokens";
    "Slack app token", "xapp-[0-9]-[0-9A-Z]{8,14}-[0-9]{10,14}-[0-9a-f]{64}", "https://docs.slack.dev/authentication/tokens";
    "Slack rotating token", "xoxe(\\.xox[bp])?-[0-9]-[0-9A-Za-z]{146,166}", "https://docs.slack.dev/authentication/using-token-rotation";
    "Slack webhook URL", "hooks\\.slack\\.com/(services|workflows|triggers)/[0-9A-Za-z/+]{40,60}", "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks";
    "Stripe secret key", "(sk|rk)_(live|test)_[0-9A-Za-z]{24,99}", "https://docs.stripe.com/keys";
    "Stripe webhook secret", "whsec_[0-9A-Za-z+/]{32,64}", "https://docs.stripe.com/webhooks/signature";
    "AWS access key ID", "(AKIA|ASIA|ABIA|ACCA)[2-7A-Z]{16}", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html";
    "AWS secret access key", "aws_secret_access_key[\"' ]{0,3}[=:][\"' ]{0,3}[0-9A-Za-z/+]{40}", GITLEAKS;
    "AWS Bedrock key", "ABSK[0-9A-Za-z+/]{109,269}", GITLEAKS;
    "Google API key", "AIza[0-9A-Za-z_-]{35}", GITHUB_LIST;
    "Google OAuth access token", "ya29\\.[0-9A-Za-z_-]{68,300}", GITLEAKS;
    "Google OAuth client secret", "GOCSPX-[0-9A-Za-z_-]{28}", GITHUB_LIST;
    "npm access token", "npm_[0-9A-Za-z]{36}", "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/";
    "PyPI upload token", "pypi-AgEIcHlwaS5vcmc[0-9A-Za-z_-]{50,200}", "https://pypi.org/help/#apitoken";
    "RubyGems API key", "rubygems_[0-9a-f]{48}", GITHUB_LIST;
    "crates.io token", "cio[0-9A-Za-z]{32}", "https://github.com/rust-lang/crates.io/blob/main/crates/crates_io_database/src/models/token.rs";
    "Docker access token", "dckr_(pat|oat)_[0-9A-Za-z_-]{27,32}", GITHUB_LIST;
    "Twilio API key", "SK[0-9a-f]{32}", "https://www.twilio.com/docs/iam/api-keys";
    "SendGrid API key", "SG\\.[0-9A-Za-z_-]{22}\\.[0-9A-Za-z_-]{43}", "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys";
    "Mailgun key", "key-[0-9a-f]{32}", GITLEAKS;
    "Mailchimp API key", "[0-9a-f]{32}-us[0-9]{1,2}", "https://mailchimp.com/developer/marketing/guides/quick-start/";
    "Brevo API key", "xkeysib-[0-9a-f]{64}-[0-9A-Za-z]{16}", GITLEAKS;
    "Resend API key", "re_[0-9A-Za-z]{8}_[0-9A-Za-z]{24}", "https://resend.com/docs/dashboard/api-keys/introduction";
    "OpenAI API key", "sk-(proj-|svcacct-|admin-)?[0-9A-Za-z_-]{20,74}T3BlbkFJ[0-9A-Za-z_-]{20,74}", GITLEAKS;
    "Anthropic API key", "sk-ant-(api|admin)[0-9]{2}-[0-9A-Za-z_-]{93}AA", GITLEAKS;
    "Hugging Face token", "hf_[A-Za-z]{34}", GITHUB_LIST;
    "Perplexity API key", "pplx-[0-9A-Za-z]{48}", GITLEAKS;
    "Groq API key", "gsk_[0-9A-Za-z]{52}", GITHUB_LIST;
    "Replicate token", "r8_[0-9A-Za-z]{37}", GITHUB_LIST;
    "xAI API key", "xai-[0-9A-Za-z]{80}", GITHUB_LIST;
    "OpenRouter API key", "sk-or-v1-[0-9a-f]{64}", GITHUB_LIST;
    "DigitalOcean token", "do[opr]_v1_[0-9a-f]{64}", "https://docs.digitalocean.com/reference/api/create-personal-access-token/";
    "Heroku API key", "HRKU-AA[0-9A-Za-z_-]{58}", GITLEAKS;
    "Shopify access token", "shp(at|ca|pa)_[0-9a-fA-F]{32}", "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens";
    "Shopify shared secret", "shpss_[0-9a-fA-F]{32}", "https://shopify.dev/docs/apps/build/authentication-authorization";
    "Square access token", "(EAAA|sq0atp-)[0-9A-Za-z_-]{22,60}", GITLEAKS;
    "Square OAuth secret", "sq0csp-[0-9A-Za-z_-]{43}", GITHUB_LIST;
    "PayPal Braintree token", "access_token\\$(production|sandbox)\\$[0-9a-z]{16}\\$[0-9a-f]{32}", GITHUB_LIST;
    "Notion token", "ntn_[0-9]{11}[0-9A-Za-z]{35}", GITLEAKS;
    "Notion integration secret", "secret_[0-9A-Za-z]{43}", GITHUB_LIST;
    "Linear API key", "lin_api_[0-9A-Za-z]{40}", "https://linear.app/developers/graphql";
    "Linear OAuth token", "lin_oauth_[0-9a-f]{64}", GITHUB_LIST;
    "Airtable token", "pat[0-9A-Za-z]{14}\\.[0-9a-f]{64}", "https://support.airtable.com/docs/creating-personal-access-tokens";
    "Atlassian API token", "ATATT3[0-9A-Za-z_=-]{186}", GITLEAKS;
    "Bitbucket app password", "ATBB[0-9A-Za-z]{28,36}", GITHUB_LIST;
    "HubSpot private app token", "pat-(na|eu)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "https://developers.hubspot.com/docs/guides/apps/private-apps/overview";
    "Asana token", "[0-9]/[0-9]{16}(/[0-9]{16})?:[0-9a-f]{32}", GITHUB_LIST;
    "Figma token", "fig[dour]_[0-9A-Za-z_-]{40}", GITHUB_LIST;
    "Dropbox token", "sl\\.(u\\.)?[0-9A-Za-z_-]{130,300}", GITLEAKS;
    "Discord webhook URL", "discord(app)?\\.com/api/webhooks/[0-9]{17,20}/[0-9A-Za-z_-]{68}", "https://docs.discord.com/developers/resources/webhook";
    "Discord bot token", "[MNO][0-9A-Za-z_-]{23,25}\\.[0-9A-Za-z_-]{6}\\.[0-9A-Za-z_-]{27,38}", GITHUB_LIST;
    "Telegram bot token", "[0-9]{8,10}:AA[0-9A-Za-z_-]{33}", "https://core.telegram.org/bots/api#authorizing-your-bot";
    "Teams webhook URL", "[0-9a-z]{1,40}\\.webhook\\.office\\.com/webhookb2/[0-9a-f-]{36}@[0-9a-f-]{36}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}", GITLEAKS;
    "Postman API key", "PMAK-[0-9a-f]{24}-[0-9a-f]{34}", GITHUB_LIST;
    "New Relic key", "NRAK-[0-9A-Z]{27}", "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/";
    "Grafana service account token", "glsa_[0-9A-Za-z]{32}_[0-9a-f]{8}", "https://grafana.com/docs/grafana/latest/administration/service-accounts/";
    "Grafana Cloud token", "glc_[0-9A-Za-z+/]{32,400}={0,2}", GITLEAKS;
    "Sentry token", "sntry[us]_[0-9A-Za-z+/=_]{60,300}", GITHUB_LIST;
    "Datadog application key", "(ddapp|ddpat|ddsak)_[0-9A-Za-z]{34,40}", GITHUB_LIST;
    "Dynatrace token", "dt0c01\\.[0-9A-Z]{24}\\.[0-9A-Z]{64}", "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens";
    "PlanetScale token", "pscale_(tkn|pw|oauth)_[0-9A-Za-z_.-]{32,64}", GITHUB_LIST;
    "Supabase key", "sb_secret_[0-9A-Za-z_-]{31}", GITHUB_LIST;
    "Supabase access token", "sbp_[0-9a-f]{40}", GITHUB_LIST;
    "Databricks token", "dapi[0-9a-f]{32}(-[0-9])?", "https://docs.databricks.com/dev-tools/auth/pat";
    "HashiCorp Vault token", "hv[sbr]\\.[0-9A-Za-z_-]{90,300}", "https://developer.hashicorp.com/vault/docs/concepts/tokens";
    "Terraform Cloud token", "[0-9A-Za-z]{14}\\.atlasv1\\.[0-9A-Za-z_=-]{60,70}", GITHUB_LIST;
    "Pulumi token", "pul-[0-9a-f]{40}", GITHUB_LIST;
    "Doppler token", "dp\\.(pt|st|ct|sa|scim|audit)\\.([0-9a-z_-]{2,35}\\.)?[0-9A-Za-z]{40,44}", "https://docs.doppler.com/reference/auth-token-formats";
    "1Password service account token", "ops_eyJ[0-9A-Za-z+/]{250,400}={0,3}", GITLEAKS;
    "age secret key", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", "https://github.com/C2SP/C2SP/blob/main/age.md";
    "Fly.io token", "(fo1_[0-9A-Za-z_-]{43}|fm[12][ar]?_[0-9A-Za-z+/]{100,400}={0,3})", GITLEAKS;
    "Netlify token", "nf[pcoub]_[0-9A-Za-z_]{36}", GITHUB_LIST;
    "Vercel token", "vc[pikar]_[0-9A-Za-z]{50,60}", GITHUB_LIST;
    "Cloudflare token", "cf(ut|at|k)_[0-9A-Za-z]{40}[0-9a-f]{8}", GITHUB_LIST;
    "Cloudflare origin CA key", "v1\\.0-[0-9a-f]{24}-[0-9a-f]{146}", GITLEAKS;
    "Azure storage key", "AccountKey=[0-9A-Za-z+/]{86}==", "https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string";
    "Azure AD client secret", "[0-9A-Za-z_~.]{3}[0-9]Q~[0-9A-Za-z_~.-]{31,34}", GITLEAKS;
    "Azure DevOps token", "[0-9A-Za-z]{76}AZDO[0-9A-Za-z]{4}", GITHUB_LIST;
    "EasyPost API key", "EZ[AT]K[0-9a-zA-Z]{54}", GITLEAKS;
    "Duffel token", "duffel_(test|live)_[0-9A-Za-z_-]{43}", GITLEAKS;
    "Typeform token", "tfp_[0-9A-Za-z_.=-]{59}", GITLEAKS;
    "ReadMe API key", "rdme_[0-9a-z]{70}", GITLEAKS;
    "PagerDuty token", "pdus[+]_[0-9A-Za-z_]{30,50}", GITHUB_LIST;
    "Zuplo key", "zpka_[0-9a-z]{32}_[0-9a-f]{8}", GITHUB_LIST;
    "JSON Web Token", "eyJ[0-9A-Za-z_-]{15,2000}\\.eyJ[0-9A-Za-z_-]{15,2000}\\.[0-9A-Za-z_-]{20,1000}", "https://www.rfc-editor.org/rfc/rfc7519";
    "private key", "-----BEGIN ([A-Z]{2,12} )?PRIVATE KEY( BLOCK)?-----", "https://www.rfc-editor.org/rfc/rfc7468";
}

/// The fewest characters of a fixed beginning that decide alone whether a pattern is tried.
const MIN_BEGINNING: usize = 3;

/// The formats without a fixed beginning. The others are compiled when their beginning occurs in a text: that is
/// rare, and all of them together would keep some megabytes for the few moments in which a workflow is saved.
static WITHOUT_BEGINNING: LazyLock<Option<(Vec<usize>, RegexSet)>> = LazyLock::new(|| {
    let places: Vec<usize> =
        (0..FORMATS.len()).filter(|place| beginning(FORMATS[*place].pattern).len() < MIN_BEGINNING).collect();
    let patterns = places.iter().map(|place| bounded(FORMATS[*place].pattern));
    let set = RegexSetBuilder::new(patterns).size_limit(64 << 20).build().ok()?;
    Some((places, set))
});

/// A pattern between characters that no token has, or the ends of the text.
fn bounded(pattern: &str) -> String {
    format!("(?:^|[^0-9A-Za-z_])(?:{pattern})(?:[^0-9A-Za-z_]|$)")
}

/// The fixed text that a pattern begins with.
fn beginning(pattern: &str) -> &str {
    let end = pattern.find(|letter: char| "[({\\.$|?+*^".contains(letter)).unwrap_or(pattern.len());
    let optional = pattern[end..].starts_with(['?', '*', '{']);
    &pattern[..end - usize::from(optional && end > 0)]
}

/// The kind of the first format that occurs in a text.
pub(super) fn recognize(text: &str) -> Option<&'static str> {
    // No format is shorter; most fields of a document are.
    if text.len() < 20 {
        return None;
    }
    let (places, set) = WITHOUT_BEGINNING.as_ref()?;
    let by_set = set.matches(text).into_iter().next().map(|index| places[index]);
    let by_beginning = FORMATS.iter().position(|format| {
        let beginning = beginning(format.pattern);
        beginning.len() >= MIN_BEGINNING
            && text.contains(beginning)
            && Regex::new(&bounded(format.pattern)).is_ok_and(|regex| regex.is_match(text))
    });
    let first = by_set.into_iter().chain(by_beginning).min()?;
    Some(FORMATS[first].kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_its_beginning_is_fixed_text() {
        assert!(WITHOUT_BEGINNING.is_some());
        for format in FORMATS {
            assert!(Regex::new(&bounded(format.pattern)).is_ok(), "{}", format.kind);
        }
        assert_eq!(beginning("ghp_[0-9]{3}"), "ghp_");
        assert_eq!(beginning("abc?d"), "ab");
        assert_eq!(beginning("(a|b)"), "");
    }
}
