//! Ways on without the phone, after the password, the quickest first; and the page behind the link that is mailed after the waiting
//! time.

use crate::api::account::{AskMailbox, AskSupport, ReportStolen, UseRecoveryCode, UseRecoveryLink};
use crate::components::action;
use crate::components::field::Kind;
use crate::components::frame::DrawnPage;
use crate::components::island::Island;
use crate::components::poll::WaitForLink;
use crate::components::problems::PageForm;
use crate::components::support::{call_link, support_links};
use crate::model::{LinkRefusal, UnixTime};
use crate::page_context::PageContext;
use crate::routes;
use crate::text::{duration, entry_progress};
use crate::view::FormState;
use leptos::either::Either;
use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostPhoneView {
    /// The form as it comes back.
    pub form: FormState,
    /// Whether a recovery code is left.
    pub has_codes: bool,
    /// Whether more than one authenticator is active.
    pub has_other_authenticator: bool,
    /// `None` where the mailbox is no way in.
    pub mailbox: Option<MailboxWay>,
    /// The request to the support team that waits.
    pub entry: Option<WaitingEntry>,
}

/// The way by the personal email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxWay {
    /// The waiting time in seconds.
    pub wait: i64,
    /// When the link is mailed that was asked for; `None` when none was.
    pub mailed_at: Option<UnixTime>,
}

/// A request to the support team that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingEntry {
    /// The six digits that the person tells the support team.
    pub number: String,
    pub until: UnixTime,
    pub is_stolen: bool,
}

/// The page behind the link that was mailed after the waiting time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecoveryLinkView {
    Ask {
        /// The form as it comes back.
        form: FormState,
        /// The token, for the form.
        token: String,
        /// The person: first name and masked sigla.
        who: String,
    },
    Refused(LinkRefusal),
}

pub fn draw(page_context: &PageContext, view: &LostPhoneView) -> DrawnPage {
    let t = page_context.texts();
    let form = PageForm::new(page_context, &view.form, &["recovery_code"]);
    form.frame(t.lost_title()).headed(view! {
        {view.has_codes.then(|| view! {
            <form class="form" method="post" action={action::<UseRecoveryCode>()} novalidate>
                {form.field(Kind::RecoveryCode, t.lost_code(), t.lost_code_hint())}
                <div class="actions">
                    <button class="button primary">{t.code_submit()}</button>
                </div>
            </form>
        })}
        {view.has_other_authenticator.then(|| view! {
            <p>{t.lost_other()}" "<a href=routes::CODE>{t.lost_other_go()}</a></p>
        })}
        {view.mailbox.map(|way| mailbox(page_context, way))}
        {support(page_context, view)}
        <p><a href=routes::STOLEN_PHONE>{t.stolen_title()}</a></p>
        <p><a href=routes::CODE>{t.lost_found()}</a></p>
    })
}

/// The request number for the support team, or the button that makes one.
fn support(page_context: &PageContext, view: &LostPhoneView) -> impl IntoView + use<> {
    let t = page_context.texts();
    // without a recovery code this is what to do
    let class = if view.has_codes {
        "button"
    } else {
        "button primary"
    };
    let Some(entry) = &view.entry else {
        return Either::Left(view! {
            <h2>{t.entry_heading()}</h2>
            <p>{t.entry_what()}</p>
            <div class="actions">
                {super::button_form::<AskSupport>(class, t.entry_ask())}
            </div>
        });
    };
    let initial = entry_progress(&page_context.locale, false);
    let wait = Island::WaitForLink(WaitForLink { initial });
    let until = page_context.locale.until(entry.until);
    let (left, right) = entry.number.split_at(entry.number.len() / 2);
    let number = format!("{left} {right}");
    Either::Right(view! {
        <h2>{t.entry_heading()}</h2>
        <p>{t.entry_call()}</p>
        <p class="number"><strong>{number}</strong></p>
        <p>{call_link(page_context, class)}</p>
        {entry.is_stolen.then(|| view! { <p>{t.entry_stolen()}</p> })}
        <div class="wait">{wait.place()}</div>
        <p class="small">{page_context.fill(t.entry_until(), &[("until", &until)])}</p>
        <p><a href=routes::LOST_PHONE>{t.entry_check()}</a></p>
    })
}

fn mailbox(page_context: &PageContext, way: MailboxWay) -> impl IntoView + use<> {
    let t = page_context.texts();
    let wait = duration(page_context.locale.language, way.wait);
    let content = match way.mailed_at {
        Some(at) if at > page_context.locale.now => {
            let until = page_context.locale.until(at);
            let asked = page_context.fill(t.mailbox_asked(), &[("until", &until)]);
            Either::Left(view! { <p>{asked}</p> })
        }
        Some(_) => Either::Left(view! { <p>{t.mailbox_mailed().to_owned()}</p> }),
        None => Either::Right(view! {
            <p>{page_context.fill(t.mailbox_what(), &[("wait", &wait)])}</p>
            <div class="actions">
                {super::button_form::<AskMailbox>("button", t.mailbox_ask())}
            </div>
        }),
    };
    view! {
        <details class="more" open=way.mailed_at.is_some()>
            <summary>{t.mailbox_heading()}</summary>
            {content}
        </details>
    }
}

/// The phone was stolen: a code of the owner's own, or the support team.
pub fn draw_stolen(page_context: &PageContext, view: &LostPhoneView) -> DrawnPage {
    let t = page_context.texts();
    let form = PageForm::new(page_context, &view.form, &["code"]);
    let can_prove = view.has_codes || view.has_other_authenticator;
    form.frame(t.stolen_title()).headed(view! {
        <p class="lead">{t.stolen_effect()}</p>
        {can_prove.then(|| view! {
            <form class="form" method="post" action={action::<ReportStolen>()} novalidate>
                {form.field(Kind::AnyCode, t.stolen_code(), t.stolen_code_hint())}
                <div class="actions">
                    <button class="button danger">{t.stolen_report()}</button>
                </div>
            </form>
        })}
        <form class="actions" method="post" action={action::<AskSupport>()}>
            <input type="hidden" name="stolen" value="1"/>
            <button class=if can_prove { "button" } else { "button primary" }>
                {t.stolen_ask()}
            </button>
        </form>
        <p><a href=routes::LOST_PHONE>{t.back()}</a></p>
    })
}

/// Asks for the password: the link alone opens nothing.
pub fn draw_link(page_context: &PageContext, view: RecoveryLinkView) -> DrawnPage {
    let t = page_context.texts();
    let (form, token, who) = match view {
        RecoveryLinkView::Refused(why) => return super::refused(page_context, why),
        RecoveryLinkView::Ask { form, token, who } => (form, token, who),
    };
    let asked = page_context.fill(t.recovery_link_asked(), &[("who", &who)]);
    let form = PageForm::new(page_context, &form, &["login", "password"]);
    form.frame(t.recovery_link_title()).headed(view! {
        <p class="lead">{asked}</p>
        <form class="form" method="post" action={action::<UseRecoveryLink>()} novalidate>
            <input type="hidden" name="token" value=token/>
            {form.field(Kind::Password, t.password_label(), "")}
            <div class="actions">
                <button class="button primary">{t.proceed()}</button>
            </div>
        </form>
        <p>{t.recovery_link_not_you()}" "{support_links(page_context)}"."</p>
    })
}
