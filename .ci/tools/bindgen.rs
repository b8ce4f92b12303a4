//! `wasm-bindgen --target=web --no-typescript` over its library: `bindgen WASM NAME FOLDER` writes `NAME.js` and `NAME_bg.wasm`.

use std::env;
use std::error::Error;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let [_, wasm, name, folder] = <[String; 4]>::try_from(env::args().collect::<Vec<_>>())
        .map_err(|_| "usage: bindgen WASM NAME FOLDER")?;
    let mut bindgen = Bindgen::new();
    // the command line's own default is not the library's
    bindgen
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false);
    bindgen.input_path(wasm).out_name(&name).generate(folder)?;
    Ok(())
}
