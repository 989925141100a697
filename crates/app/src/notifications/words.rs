//! What a notification says in words, the same in mails and webhooks. Names come from people, so they stand in quotes
//! and on one line.

use flero_model::notification::{Category, Notification};

/// One line: what happened.
#[must_use]
pub fn headline(notification: &Notification) -> String {
    let name = quoted(&notification.name);
    match notification.category {
        Category::CredentialExpired => format!("The credential {name} has expired"),
        Category::CredentialFailing => format!("The service refuses the credential {name}"),
        Category::CredentialActive => format!("The credential {name} works again"),
        Category::CredentialRevoked => format!("The credential {name} was revoked"),
        Category::CredentialExpiring => format!("The credential {name} ends soon"),
        Category::RotationDue => format!("The credential {name} is due for rotation"),
        Category::CredentialRotated => format!("The credential {name} got another secret"),
        Category::ScopeRequested => format!("Somebody asks to widen the scope of the credential {name}"),
        Category::ScopeDecided => format!("Your request to widen the scope of {name} was decided"),
        Category::ExecutionFailed => format!("The workflow {name} failed"),
        Category::UnusualSignIn => "Your account was signed in to from somewhere new".to_owned(),
        Category::SignInChanged => "How you sign in was changed".to_owned(),
    }
}

/// What to do about it.
pub(super) const fn advice(category: Category) -> &'static str {
    match category {
        Category::CredentialExpired => {
            "Workflows that use it fail. Rotate it, or reconnect the account; its ID and the workflows stay as they are."
        }
        Category::CredentialFailing => {
            "The next use that the service takes makes it active again. Test it, and rotate or reconnect it if the \
             service still refuses it."
        }
        Category::CredentialActive => "Nothing is to be done.",
        Category::CredentialRevoked => {
            "Its secret is destroyed. Workflows that use it fail until they name another credential."
        }
        Category::CredentialExpiring => "Rotate it before it ends; workflows stay as they are.",
        Category::RotationDue => "Make a new secret at the service and rotate the credential to it.",
        Category::CredentialRotated => {
            "The former secret can be put back within its grace period if this was not meant."
        }
        Category::ScopeRequested => "See who gains its use, then approve or refuse the request.",
        Category::ScopeDecided => "Open the request to see what was decided, and why.",
        Category::ExecutionFailed => "Open the execution to see which node failed, and why.",
        Category::UnusualSignIn => {
            "If it was not you: change your password, sign out all other sessions, and look at your second factors."
        }
        Category::SignInChanged => {
            "If it was not you: change your password, sign out all other sessions, and tell an administrator."
        }
    }
}

/// The page of the interface that it is about.
pub(super) fn page(notification: &Notification) -> String {
    match notification.category {
        Category::ExecutionFailed => format!("/workflows/{}", notification.subject),
        category if category.is_about_account() => "/security".to_owned(),
        _ => "/credentials".to_owned(),
    }
}

/// A name in quotes, on one line, of a length that fits into a subject.
fn quoted(name: &str) -> String {
    let line: String =
        name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(120).collect();
    format!("\u{201c}{}\u{201d}", line.trim())
}
