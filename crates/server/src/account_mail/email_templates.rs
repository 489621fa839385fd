//! The texts of the mails. Nothing in them comes from a person but the address: whoever registers with
//! somebody else's address must not have words of theirs sent there.

use domain::{
    account::Email,
    mail::Mail,
    one_time_token::{CONFIRM_MINUTES, RESET_MINUTES},
};

use crate::public_url::PublicUrl;

/// A link to another password.
pub(super) fn reset_password(link: &str, to: Email) -> Mail {
    let text = format!(
        "Somebody, hopefully you, asked for a new password for your account.\n\
         \n\
         To choose one, open this link within {RESET_MINUTES} minutes. It works once:\n\
         \n\
         {link}\n\
         \n\
         If it was not you, do nothing: your password stays as it is.\n"
    );
    Mail { to, subject: "Choose a new password", text }
}

/// A link that confirms the address.
pub(super) fn confirm_email(link: &str, to: Email) -> Mail {
    let hours = CONFIRM_MINUTES / 60;
    let text = format!(
        "An account was made with this address.\n\
         \n\
         If it is yours, open this link within {hours} hours to confirm the address:\n\
         \n\
         {link}\n\
         \n\
         If it is not, do nothing.\n"
    );
    Mail { to, subject: "Confirm your address", text }
}

/// A notice of another password.
pub(super) fn password_changed(page: &PublicUrl, to: Email) -> Mail {
    let page = page.as_str();
    let text = format!(
        "The password of your account was changed. You were signed out everywhere else, and programs \
         have lost their access.\n\
         \n\
         If it was not you, choose another one at once: open\n\
         \n\
         {page}/\n\
         \n\
         and click \"Forgot password?\".\n"
    );
    Mail { to, subject: "Your password was changed", text }
}
