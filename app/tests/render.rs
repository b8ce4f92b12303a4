//! Every page in every state, drawn over a fake backend and read as a parser reads it: labels,
//! roles, links, forms, focus. What the real backend puts into the views is tested in `server`;
//! what a browser makes of the pages, in `end2end`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test says what it expected"
)]

#[path = "render/account.rs"]
mod account;
#[path = "render/fake.rs"]
mod fake;
#[path = "render/replies.rs"]
mod replies;
#[path = "render/samples.rs"]
mod samples;

use app::model::{EmailRefusal, Language};
use app::routes;
use app::view::{FormState, Problem, SignInView};
use fake::render;
use samples::{Sample, every_problem, samples};
use scraper::{ElementRef, Html, Selector};
use std::collections::HashSet;

const LANGUAGES: [Language; 2] = [Language::Pt, Language::En];

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a selector");
    page.select(&selector).collect()
}

fn text(element: ElementRef<'_>) -> String {
    let words = element.text().flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

fn attribute<'a>(element: &ElementRef<'a>, name: &str) -> &'a str {
    element.value().attr(name).unwrap_or_default()
}

/// What must hold of any page.
fn sound(name: &str, language: Language, page: &Html) {
    let html = all(page, "html")[0];
    assert_eq!(attribute(&html, "lang"), language.tag(), "{name}");
    for one in ["main", "h1", "title", "footer address"] {
        assert_eq!(all(page, one).len(), 1, "{name}: one {one}");
    }
    let title = text(all(page, "title")[0]);
    assert!(title.ends_with("e-Proc/JMU"), "{name}: {title}");

    let mut ids = HashSet::new();
    for element in all(page, "[id]") {
        assert!(ids.insert(attribute(&element, "id")), "{name}: doubled id");
    }
    for relation in ["aria-describedby", "aria-labelledby"] {
        for element in all(page, &format!("[{relation}]")) {
            for id in attribute(&element, relation).split(' ') {
                assert!(ids.contains(id), "{name}: {relation} to {id}");
            }
        }
    }
    for label in all(page, "label[for]") {
        let id = attribute(&label, "for");
        assert!(ids.contains(id), "{name}: label for {id}");
    }
    for input in all(page, "input:not([type=hidden])") {
        let id = attribute(&input, "id");
        let labelled = input
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(|parent| parent.value().name() == "label");
        let labels = all(page, &format!("label[for='{id}']"));
        assert!(labelled || labels.len() == 1, "{name}: {id} has no label");
    }
    for named in all(page, "button, a, h1, h2, label, dt, dd, li, th") {
        assert!(!text(named).is_empty(), "{name}: {}", named.html());
    }
    for form in all(page, "form") {
        let path = attribute(&form, "action");
        assert_eq!(attribute(&form, "method"), "post", "{name}: {path}");
        assert!(fake::posts_to(path), "{name}: no function takes {path}");
    }
    for button in all(page, "button[formaction]") {
        let path = attribute(&button, "formaction");
        assert!(fake::posts_to(path), "{name}: no function takes {path}");
    }
    for link in all(page, "a") {
        let href = attribute(&link, "href");
        let leads = href.strip_prefix('#').map_or_else(
            || {
                routes::is_page(href.split('?').next().unwrap_or_default())
                    || ["mailto:", "tel:", "https://", "otpauth://"]
                        .iter()
                        .any(|scheme| href.starts_with(scheme))
            },
            |id| ids.contains(id),
        );
        let is_file =
            href.starts_with("data:text/plain") && !attribute(&link, "download").is_empty();
        assert!(leads || is_file, "{name}: a link to {href:?}");
    }
    for element in all(page, "*") {
        for (attribute, _) in element.value().attrs() {
            let inline = attribute == "style" || attribute.starts_with("on");
            assert!(
                !inline,
                "{name}: {attribute} would be refused by the policy"
            );
        }
    }
    let words = text(all(page, "body")[0]);
    assert!(!words.contains(['{', '}']), "{name}: an unfilled text");
}

/// What must hold of a form that comes back (R26): title, summary, focus, field.
fn rejected(name: &str, language: Language, page: &Html) {
    let title = text(all(page, "title")[0]);
    let prefix = format!("{}: ", language.texts().error_prefix());
    assert!(title.starts_with(&prefix), "{name}: {title}");
    let summary = all(page, ".summary[role=alert][tabindex='-1'][autofocus]");
    assert_eq!(summary.len(), 1, "{name}");
    for link in all(page, ".summary a[href^='#']") {
        let field = all(page, attribute(&link, "href"))[0];
        assert_eq!(attribute(&field, "aria-invalid"), "true", "{name}");
        let described = attribute(&field, "aria-describedby");
        let id = described.split(' ').next_back().expect("an id");
        let error = all(page, &format!("[id='{id}']"))[0];
        assert_eq!(text(error), text(link), "{name}: field and summary agree");
    }
}

#[tokio::test]
async fn every_page_in_every_state_is_sound() {
    for language in LANGUAGES {
        for Sample {
            name,
            path,
            shown,
            form,
        } in samples()
        {
            let name = format!("{name} ({})", language.code());
            let page = render(&path, language, shown).await;
            sound(&name, language, &page);
            if form {
                rejected(&name, language, &page);
            } else {
                assert!(all(&page, ".summary").is_empty(), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn no_two_problems_of_a_field_are_told_alike() {
    for language in LANGUAGES {
        let mut told = HashSet::new();
        // what is missing is named by its field, and without one the whole form is incomplete
        for problem in every_problem().into_iter().filter(|problem| {
            let missing_email = Problem::Email(EmailRefusal::Missing);
            *problem != Problem::Missing && *problem != missing_email
        }) {
            let form = FormState::with("", problem.clone());
            let page = render(routes::SIGN_IN, language, SignInView { form }).await;
            let sentence = text(all(&page, ".summary li")[0]);
            assert!(told.insert(sentence.clone()), "{problem:?}: {sentence}");
        }
    }
}

#[tokio::test]
async fn r26_a_password_or_code_that_was_kept_by_mistake_is_not_shown() {
    for Sample { path, shown, .. } in samples_with_secrets() {
        let page = render(&path, Language::Pt, shown).await;
        assert!(!page.html().contains("s3cret"), "{path}");
    }
}

fn samples_with_secrets() -> Vec<Sample> {
    let form = || {
        FormState::with("", Problem::Incomplete)
            .keep("password", "s3cret-1")
            .keep("code", "s3cret-2")
            .keep("recovery_code", "s3cret-3")
    };
    samples::forms(&form)
}

#[tokio::test]
async fn the_enrol_page_carries_one_qr_path_and_a_key_of_equal_worth() {
    let page = render(
        routes::ENROL,
        Language::Pt,
        samples::enrol(FormState::default()),
    )
    .await;
    let paths = all(&page, "svg path");
    assert_eq!(paths.len(), 1);
    assert!(attribute(&paths[0], "d").len() <= 5_000);
    let link = all(&page, "a[href^='otpauth://']");
    assert_eq!(attribute(&link[0], "href"), samples::URI);
    let words = text(all(&page, "main")[0]);
    assert!(words.contains("JBSW Y3DP EHPK 3PXP"), "{words}");
}

#[tokio::test]
async fn a_redirect_of_the_backend_is_a_redirect_of_the_page() {
    let to = fake::redirected(routes::HOME, "/habilitar/aviso").await;
    assert_eq!(to, "/habilitar/aviso");
}

#[tokio::test]
async fn a_fault_shows_its_reference_and_says_so_in_its_status() {
    for language in LANGUAGES {
        let (status, page) = fake::failed(routes::HOME, language, "ABC-123").await;
        assert_eq!(status, 503);
        sound("fault", language, &page);
        assert!(text(all(&page, "main")[0]).contains("ABC-123"));
    }
}

#[tokio::test]
async fn an_unknown_path_has_a_page_too() {
    for language in LANGUAGES {
        let (status, page) = fake::unknown("/nada/disso", language).await;
        assert_eq!(status, 404);
        sound("not found", language, &page);
    }
}
