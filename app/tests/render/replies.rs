//! What a running document is told: the same pages as the documents, and when it must load one.

use super::fake::{self, render, reply, reply_to_old_release};
use super::samples::{self, Sample, samples};
use super::{LANGUAGES, all, attribute, text};
use app::api::backend::FormResponse;
use app::model::Language;
use app::navigation::{NavigationReply, PageContent, ShownPage};
use app::pages::{draw_client_page, render as owned, to_html};
use app::routes;
use app::view::{ClientPage, FormState, SignInView};
use scraper::Html;

/// The main part as the browser will have it, with its title.
fn drawn(page: &ShownPage) -> (String, String) {
    match &page.content {
        PageContent::Html { title, main } => (title.clone(), main.clone()),
        PageContent::Data(data) => owned(|| {
            let drawn = draw_client_page(&page.page_context, data.clone());
            (drawn.title, to_html(drawn.main))
        }),
    }
}

fn shown(reply: NavigationReply, name: &str) -> Box<ShownPage> {
    match reply {
        NavigationReply::Show(page) => page,
        NavigationReply::LoadDocument { .. } | NavigationReply::LeaveOrigin { .. } => {
            panic!("{name} is not shown")
        }
    }
}

#[tokio::test]
async fn a_reply_holds_the_page_of_the_document() {
    for language in LANGUAGES {
        for (document, sample) in samples().into_iter().zip(samples()) {
            let Sample { name, path, .. } = sample;
            let document = render(&path, language, document.shown).await;
            let answer = reply(&path, language, language, sample.shown).await;
            assert_eq!(answer.status, 200, "{name}");
            if routes::is_link_page(&path) {
                let load = NavigationReply::LoadDocument { address: path };
                assert!(answer.reply == load, "{name}: a document of its own");
                continue;
            }
            let page = shown(answer.reply, &name);
            assert_eq!(page.address.as_deref(), Some(path.as_str()), "{name}");
            assert_eq!(page.page_context.locale.language, language, "{name}");
            assert!(page.surroundings.is_none(), "{name}: bar and footer stay");
            let (title, main) = drawn(&page);
            assert_eq!(title, text(all(&document, "title")[0]), "{name}");
            let main = Html::parse_fragment(&main);
            let of_document = Html::parse_fragment(&all(&document, "main")[0].inner_html());
            assert_eq!(main.html(), of_document.html(), "{name}");
            assert!(all(&main, "script").is_empty(), "{name}: a script");
        }
    }
}

#[tokio::test]
async fn the_pages_that_the_browser_draws_come_as_data() {
    let answer = reply(
        routes::ENROL,
        Language::Pt,
        Language::Pt,
        samples::enrol(FormState::default()),
    )
    .await;
    assert!(answer.holds_secret);
    let page = shown(answer.reply, "enrol");
    let wire = postcard::to_allocvec(&page).unwrap();
    let wire = String::from_utf8_lossy(&wire);
    assert!(wire.contains(samples::URI));
    assert!(!wire.contains("<svg") && !wire.contains(".5h"), "a QR path");
    for path in [routes::MAIL_SENT, routes::ACTIVATED] {
        let sample = samples().into_iter().find(|sample| sample.path == path);
        let answer = reply(path, Language::Pt, Language::Pt, sample.unwrap().shown).await;
        assert!(!answer.holds_secret, "{path}");
        let page = shown(answer.reply, path);
        assert!(
            matches!(
                page.content,
                PageContent::Data(ClientPage::MailSent(_) | ClientPage::Activated { .. })
            ),
            "{path}"
        );
    }
}

#[tokio::test]
async fn another_language_brings_bar_and_footer_along() {
    let form = FormState::default();
    let answer = reply(
        routes::SIGN_IN,
        Language::En,
        Language::Pt,
        SignInView { form },
    )
    .await;
    let surroundings = shown(answer.reply, "sign-in").surroundings.expect("both");
    let header = Html::parse_fragment(&surroundings.header);
    assert_eq!(text(all(&header, "a.skip")[0]), "Skip to content");
    assert_eq!(all(&header, "header").len(), 1);
    let footer = Html::parse_fragment(&surroundings.footer);
    assert_eq!(text(all(&footer, "button[name=lang]")[0]), "Português");
    let back = all(&footer, "input[name=back]");
    assert_eq!(attribute(&back[0], "value"), routes::SIGN_IN);
}

#[tokio::test]
async fn a_document_of_another_release_loads_a_new_one_and_asks_nothing() {
    for address in [routes::HOME, "/habilitar/email-enviado?agora", "/none"] {
        let load = NavigationReply::LoadDocument {
            address: address.into(),
        };
        assert!(reply_to_old_release(address).await.reply == load);
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_is_shown_with_its_status() {
    let answer = reply(
        "/none",
        Language::Pt,
        Language::Pt,
        fake::Shown::nothing(app::view::PageView::Privacy),
    )
    .await;
    assert_eq!(answer.status, 404);
    let (title, _) = drawn(&shown(answer.reply, "none"));
    assert_eq!(title, "Página não encontrada · e-Proc/JMU");
}

#[tokio::test]
async fn pages_that_lead_to_each_other_end_in_a_fault() {
    let answer = fake::reply_in_a_circle(routes::HOME).await;
    assert_eq!(answer.status, 508);
    let page = shown(answer.reply, "circle");
    assert_eq!(page.address, None);
    let (title, _) = drawn(&page);
    assert_eq!(title, "Não foi possível concluir · e-Proc/JMU");
}

#[tokio::test]
async fn another_origin_is_told_to_a_running_document_and_redirected_to_for_a_form() {
    let url = "https://eproc.example/entrar?state=1";
    let leave = NavigationReply::LeaveOrigin { url: url.into() };
    let (reply, location) = fake::answered(FormResponse::leave_origin(url), false).await;
    assert!(reply == leave && location.is_none(), "{location:?}");
    let (_, location) = fake::answered(FormResponse::leave_origin(url), true).await;
    assert_eq!(location.as_deref(), Some(url));
}
