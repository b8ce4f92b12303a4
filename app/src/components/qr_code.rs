//! The QR code as one SVG path. The browser draws it on a page that it gets as data, the server in a document.

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode as Matrix};
use std::fmt::Write as _;

/// Light modules around the code (ISO/IEC 18004 requires four).
const QUIET: usize = 4;

/// The dark modules of the QR code of `text` as one stroked path, and the width of its square in modules with the quiet zone.
/// `None` when the text is too long for any QR code.
pub fn qr_path(text: &str) -> Option<(String, usize)> {
    let matrix = Matrix::with_error_correction_level(text, EcLevel::M)
        .or_else(|_| Matrix::with_error_correction_level(text, EcLevel::L))
        .ok()?;
    let width = matrix.width();
    let modules = matrix.to_colors();
    let mut path = String::with_capacity(4096);
    for (y, row) in modules.chunks(width).enumerate() {
        let mut pen = None;
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|c| **c == row[x]).count();
            if row[x] == Color::Dark {
                // relative moves keep the path small, because the page is loaded on slow phones
                let _ = match pen {
                    None => write!(path, "M{} {}.5h{run}", x + QUIET, y + QUIET),
                    Some(at) => write!(path, "m{} 0h{run}", x - at),
                };
                pen = Some(x + run);
            }
            x += run;
        }
    }
    Some((path, width + 2 * QUIET))
}

/// The QR code of `text`, on white in every theme. A text that is too long for any QR code gives an empty image. `label` is its
/// text equivalent.
pub fn qr_code(text: &str, label: &'static str) -> impl IntoView + use<> {
    let (path, size) = qr_path(text).unwrap_or_default();
    view! {
        <svg
            class="qr-image"
            role="img"
            aria-label=label
            viewBox=format!("0 0 {size} {size}")
            shape-rendering="crispEdges"
        >
            <path d=path stroke="#000" fill="none"></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "otpauth://totp/e-Proc%2FJMU:ana.souza@advocacia?secret=\
        GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=e-Proc%2FJMU";

    #[test]
    fn the_path_stays_under_five_kilobytes() {
        let (path, size) = qr_path(URI).unwrap();
        assert!(path.len() < 5_000, "{} bytes", path.len());
        assert!((29..=65).contains(&size), "{size} modules");
    }

    #[test]
    fn the_path_paints_exactly_the_dark_modules() {
        let (path, size) = qr_path(URI).unwrap();
        let mut painted = vec![false; size * size];
        for line in path.split('M').skip(1) {
            let (x, rest) = line.split_once(' ').unwrap();
            let (y, runs) = rest.split_once(".5").unwrap();
            let (mut x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            for part in runs.split('m') {
                let (skip, run) = part.split_once('h').unwrap();
                x += skip
                    .split(' ')
                    .next()
                    .unwrap()
                    .parse::<usize>()
                    .unwrap_or(0);
                let run: usize = run.parse().unwrap();
                painted[y * size + x..y * size + x + run].fill(true);
                x += run;
            }
        }
        let matrix = Matrix::with_error_correction_level(URI, EcLevel::M).unwrap();
        for y in 0..size {
            for x in 0..size {
                let inside =
                    (QUIET..size - QUIET).contains(&x) && (QUIET..size - QUIET).contains(&y);
                let dark = inside && matrix[(x - QUIET, y - QUIET)] == Color::Dark;
                assert_eq!(painted[y * size + x], dark, "{x},{y}");
            }
        }
    }

    #[test]
    fn a_text_beyond_any_qr_code_gives_none() {
        assert!(qr_path(&"x".repeat(5000)).is_none());
    }
}
