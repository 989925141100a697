"""An SMTP server that writes each mail as a line of JSON to the file of its first argument, and prints its port.

With a certificate and a key as further arguments it speaks TLS from the first byte, or, with `starttls` behind them,
after STARTTLS; with `none`, in the clear. With a password behind that it wants a login as `ada` with it. It refuses
`refused@` for good, with the password in its words, and `later@` for now.
"""

import asyncio
import base64
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

FILE, CERTIFICATE, KEY, MODE, PASSWORD = (sys.argv[1:] + [""] * 5)[:5]


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return f"550 5.1.1 no such mailbox {PASSWORD}".strip()
        if address.startswith("later@"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text, html = (mail.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
        line = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": {name.lower(): value for name, value in mail.items()},
            "defects": [str(defect) for part in mail.walk() for defect in part.defects],
            "text": text and text.get_content(),
            "html": html and html.get_content(),
            "files": [
                [part.get_filename(), part.get_content_type(), base64.b64encode(part.get_payload(decode=True)).decode()]
                for part in mail.iter_attachments()
            ],
            "secure": session.ssl is not None or (MODE == "" and CERTIFICATE != ""),
        }
        with open(FILE, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return "250 2.0.0 queued as 7"


def authenticate(server, session, envelope, mechanism, data):
    success = data.login == b"ada" and data.password == PASSWORD.encode()
    # Without a message the server answers by itself, with 535.
    return AuthResult(success=success, handled=False)


async def main():
    context = None
    if CERTIFICATE and MODE != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, KEY)
    starttls = MODE == "starttls"
    options = {"tls_context": context, "require_starttls": True} if starttls else {}
    if PASSWORD:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": starttls}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(), loop=loop, hostname="peer", **options),
        "127.0.0.1",
        0,
        ssl=None if starttls else context,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
