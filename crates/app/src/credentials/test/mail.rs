//! Testing the credential of a mail server: logging in and out again.

use flero_connect::{Intent, MailCall, MailErrorClass, MailWork, Purpose, call::Credential as Used};
use flero_model::policy::Principal;

use super::{TIMEOUT, TestResult, Verdict, described::shown, failed};
use crate::App;

/// What a server says around a login.
const MAX_BYTES: usize = 1 << 16;

impl App {
    pub(super) async fn test_mail(&self, who: &Principal, credential: Used) -> TestResult {
        let call = MailCall {
            principal: who.clone(),
            purpose: Purpose::Test,
            credential,
            intent: Intent::Record,
            work: MailWork::Identify,
            attachments: Vec::new(),
            message_id: String::new(),
            max_bytes: MAX_BYTES,
            timeout: TIMEOUT,
        };
        let reply = match self.0.connect.mail(call).await {
            Ok(reply) => reply,
            Err(error) => return failed(&error),
        };
        let latency = u64::try_from(reply.elapsed.as_millis()).ok();
        match reply.answer {
            Ok(answer) => {
                let account = answer.value.pointer("/account").and_then(shown);
                let message = "The mail server took the password.";
                TestResult { account, ..TestResult::new(Verdict::Accepted, latency, message) }
            }
            Err(error) if error.class == MailErrorClass::Authentication => {
                let message = format!("The mail server refused the user or the password ({}).", error.code);
                TestResult::new(Verdict::Refused, latency, message)
            }
            Err(error) => {
                let message =
                    format!("The mail server answered with an error ({}): {}", error.code, error.message);
                TestResult::new(Verdict::Unverified, latency, message)
            }
        }
    }
}
