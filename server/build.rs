//! Tells the linker to keep functions with the same machine code once, which makes the installed program half a megabyte smaller
//! (docs/performance.md). Nothing here compares addresses of functions.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name| std::env::var(name).unwrap_or_default();
    // on this target rustc links with lld, which knows the option
    if variable("PROFILE") == "release" && variable("TARGET") == "x86_64-unknown-linux-gnu" {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}
