//! The main part of every page: title, steps, content. The server draws it into a document; the browser draws it for pages
//! that it gets as data.

use super::problems::PageForm;
use crate::page_context::PageContext;
use crate::text::{Texts, fill};
use leptos::prelude::*;

/// A drawn page: the text of `<title>` and the content of `<main>`. The view keeps its type, because erasing it would put
/// code into the wasm that never runs.
pub struct DrawnPage<V = AnyView> {
    pub title: String,
    pub main: V,
}

impl<V> DrawnPage<V> {
    /// The same page with its view as part of another one.
    pub fn map<W>(self, main: impl FnOnce(V) -> W) -> DrawnPage<W> {
        DrawnPage {
            title: self.title,
            main: main(self.main),
        }
    }
}

#[cfg(feature = "ssr")]
impl<V: IntoView + 'static> DrawnPage<V> {
    /// The same page with its view as one common type.
    pub fn erased(self) -> DrawnPage {
        self.map(IntoAny::into_any)
    }
}

/// The frame around the content of a page; [`PageFrame::around`] draws it.
pub struct PageFrame<'a> {
    page_context: &'a PageContext,
    name: &'a str,
    form: Option<PageForm<'a>>,
    step: usize,
}

impl<'a> PageFrame<'a> {
    /// `name` is the page's part of the title.
    pub const fn new(page_context: &'a PageContext, name: &'a str) -> Self {
        Self {
            page_context,
            name,
            form: None,
            step: 0,
        }
    }

    /// Marks the page as this step of the enrolment, counted from 1.
    #[must_use]
    pub const fn with_step(mut self, step: usize) -> Self {
        self.step = step;
        self
    }

    /// Draws the page: its name as main heading, the error summary of its form, and the rest.
    #[cfg(feature = "ssr")]
    pub fn headed(self, rest: impl IntoView + 'static) -> DrawnPage {
        let heading = view! { <h1>{self.name.to_owned()}</h1> };
        let summary = self.form.and_then(PageForm::summary);
        self.around((heading, summary, rest)).erased()
    }

    /// Draws the frame with the page's content.
    pub fn around<V: IntoView + 'static>(self, content: V) -> DrawnPage<impl IntoView + use<V>> {
        let t = self.page_context.texts();
        let step = (self.step > 0).then(|| steps(t, self.step));
        DrawnPage {
            title: self.title(),
            main: (step, content.into_view()),
        }
    }

    /// The title: first whether something is wrong, then the page, then the instance.
    fn title(&self) -> String {
        let t = self.page_context.texts();
        let mut title = self.name.to_owned();
        if self.form.is_some_and(|form| form.state.is_rejected()) {
            title = format!("{}: {title}", t.error_prefix());
        }
        if self.step > 0 {
            let step = fill(t.step_of(), &[("n", &self.step.to_string())]);
            title = format!("{title} · {step}");
        }
        format!("{title} · {}", self.page_context.label)
    }
}

impl<'a> PageForm<'a> {
    /// The frame of the form's page, whose title tells when something is wrong. `name` is the page's part of the title.
    pub const fn frame(self, name: &'a str) -> PageFrame<'a> {
        PageFrame {
            form: Some(self),
            ..PageFrame::new(self.page_context, name)
        }
    }
}

fn steps(t: Texts, now: usize) -> impl IntoView {
    let items = [
        t.step_notice(),
        t.step_app(),
        t.step_mail(),
        t.step_confirm(),
    ]
    .into_iter()
    .enumerate()
    .map(|(at, name)| {
        let at = at + 1;
        let state = match at.cmp(&now) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "next",
        };
        view! {
            <li data-state=state aria-current=(at == now).then_some("step")>
                <span class="steps-n">{at.to_string()}</span>
                {" "}<span class="steps-name">{name}</span>
                {(at < now).then(|| view! {
                    <span class="visually-hidden">{format!(" ({})", t.step_done())}</span>
                })}
            </li>
        }
    })
    .collect_view();
    view! { <ol class="steps" aria-label=t.steps_label()>{items}</ol> }
}

/// Tells what a form just did, where the page looks the same as before. It gets the focus when the page opens.
#[component]
pub fn Done(sentence: String) -> impl IntoView {
    view! {
        <div class="note" data-tone="success" role="status" tabindex="-1" autofocus>
            <p>{sentence}</p>
        </div>
    }
}
