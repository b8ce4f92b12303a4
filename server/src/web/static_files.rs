//! The built files (`/pkg`, scripts, icon): read once at the start and answered from memory, in the coding that a browser takes.

use super::router::ServedInstance;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use tower_http::services::ServeDir;

/// Names outside `/pkg`, which stay the same from release to release.
const FIXED: [&str; 3] = ["boot.js", "link.js", "favicon.svg"];
/// Browsers keep names that contain a hash of their content for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

struct StaticFile {
    kind: HeaderValue,
    caching: HeaderValue,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

type StaticFiles = Arc<HashMap<String, StaticFile>>;

/// The built files of an instance. A file that cannot be read is missing, which is logged. Without hashed names (`cargo leptos
/// watch`) the files change while the program serves, so `/pkg` is read at each request and never kept by browsers.
pub fn static_files(instance: &ServedInstance) -> Router {
    let mut files = HashMap::new();
    let mut load =
        |folder: &std::path::Path, name: &str, path: String, caching: &HeaderValue| match read(
            &folder.join(name),
            caching,
        ) {
            Ok(file) => drop(files.insert(path, file)),
            Err(error) => tracing::error!(name, %error, "a built file cannot be read"),
        };
    for name in FIXED {
        load(&instance.files, name, name.to_owned(), &FOR_AN_HOUR);
    }
    let pkg = instance.files.join("pkg");
    if instance.hashed {
        for name in names_in(&pkg) {
            load(&pkg, &name, format!("pkg/{name}"), &FOR_EVER);
        }
    }
    let fixed = FIXED.into_iter().fold(Router::new(), |router, name| {
        router.route(
            &format!("/{name}"),
            get(async move |State(files), headers: HeaderMap| answer(&files, name, &headers)),
        )
    });
    let hashed = get(
        async |State(files), Path(name): Path<String>, headers: HeaderMap| {
            answer(&files, &format!("pkg/{name}"), &headers)
        },
    );
    let router = if instance.hashed {
        fixed.route("/pkg/{*name}", hashed)
    } else {
        fixed.nest_service("/pkg", ServeDir::new(pkg))
    };
    router.with_state(Arc::new(files))
}

/// Names of the files in a folder.
fn names_in(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

fn read(path: &std::path::Path, caching: &HeaderValue) -> io::Result<StaticFile> {
    let compressed = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        std::fs::read(name).ok().map(Bytes::from)
    };
    let kind = match path.extension().and_then(|ending| ending.to_str()) {
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    Ok(StaticFile {
        kind: HeaderValue::from_static(kind),
        caching: caching.clone(),
        plain: std::fs::read(path)?.into(),
        brotli: compressed(".br"),
        gzip: compressed(".gz"),
    })
}

/// The file in the smallest coding that is accepted. A missing one is not found and kept by nobody: during an update it may be
/// there a moment later.
fn answer(files: &StaticFiles, path: &str, headers: &HeaderMap) -> Response {
    let Some(file) = files.get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let codings = [("br", &file.brotli), ("gzip", &file.gzip)];
    let chosen = codings.into_iter().find_map(|(coding, bytes)| {
        Some((coding, bytes.as_ref()?)).filter(|_| accepts(headers, coding))
    });
    let mut fields: Vec<(HeaderName, HeaderValue)> = vec![
        (header::CONTENT_TYPE, file.kind.clone()),
        (header::CACHE_CONTROL, file.caching.clone()),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    let body = match chosen {
        Some((coding, bytes)) => {
            fields.push((header::CONTENT_ENCODING, HeaderValue::from_static(coding)));
            bytes
        }
        None => &file.plain,
    };
    (fields.into_iter().collect::<HeaderMap>(), body.clone()).into_response()
}

/// Whether `Accept-Encoding` names this coding, and not with `q=0` (RFC 9110 §12.5.3).
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let is_named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(coding));
            let is_refused = parts
                .filter_map(|part| part.strip_prefix("q="))
                .any(|weight| weight.parse() == Ok(0.0_f32));
            is_named && !is_refused
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_used_only_where_it_is_accepted() {
        let accepted = |value: &'static str| {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            ["br", "gzip"].map(|coding| accepts(&headers, coding))
        };
        assert_eq!(accepted("gzip, deflate, br, zstd"), [true, true]);
        assert_eq!(accepted("GZIP;q=0.5"), [false, true]);
        assert_eq!(accepted("br;q=0, gzip; q=0.000"), [false, false]);
        assert_eq!(accepted("brotli, x-gzip, identity"), [false, false]);
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    #[test]
    fn l2_a_missing_file_is_kept_by_nobody_and_a_found_one_for_ever() {
        let file = StaticFile {
            kind: HeaderValue::from_static("text/css"),
            caching: FOR_EVER,
            plain: Bytes::from_static(b"plain"),
            brotli: Some(Bytes::from_static(b"br")),
            gzip: None,
        };
        let files = Arc::new(HashMap::from([("pkg/a.css".to_owned(), file)]));
        let missing = answer(&files, "pkg/b.css", &HeaderMap::new());
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        assert!(!missing.headers().contains_key(header::CACHE_CONTROL));
        for (accepted, coding) in [("gzip, br", Some("br")), ("gzip", None)] {
            let headers = [(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))];
            let found = answer(&files, "pkg/a.css", &HeaderMap::from_iter(headers));
            let told = found.headers().get(header::CONTENT_ENCODING);
            assert_eq!(told.map(|value| value.to_str().unwrap()), coding);
            assert_eq!(found.headers()[header::CACHE_CONTROL], FOR_EVER);
        }
    }
}
