//! Builds the interface in `web/` with npm and Vite and writes the table of its files, which `src/files.rs` includes.
//!
//! Everything that is made goes to `OUT_DIR`; of the source tree only `web/node_modules` is written, and only when
//! `package-lock.json` has changed. Without a change in `web/` cargo does not run this at all. `FLERO_WEB=off`
//! builds a small page that says how to get the interface.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// What the build of the interface reads. `node_modules` is not among it: the lock file says what is in there.
const SOURCES: &[&str] = &[
    "../docs/guide",
    "index.html",
    "package-lock.json",
    "package.json",
    "postcss.config.cjs",
    "public",
    "scripts/precompress.mjs",
    "sections.json",
    "src",
    "vite.config.ts",
];

/// The file that says for which lock file the packages are installed.
const INSTALLED: &str = "node_modules/.flero/installed-lock.json";

fn main() {
    println!("cargo::rerun-if-env-changed=FLERO_WEB");
    println!("cargo::rerun-if-changed=build.rs");
    if let Err(error) = run() {
        for line in error.to_string().lines() {
            println!("cargo::error={line}");
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo did not set the folder")?);
    let dist = out.join("dist");
    fs::create_dir_all(&dist)?;
    let sections = if env::var("FLERO_WEB").is_ok_and(|value| value == "off") {
        fs::copy(manifest.join("off.html"), dist.join("index.html"))?;
        return fs::write(out.join("files.rs"), table(&dist, &[PathBuf::from("index.html")], "[]")?)
            .map_err(Into::into);
    } else {
        let web = manifest.join("../../web").canonicalize()?;
        for source in SOURCES {
            println!("cargo::rerun-if-changed={}", web.join(source).display());
        }
        install(&web)?;
        build(&web, &dist)?;
        fs::read_to_string(web.join("sections.json"))?
    };
    let mut files = Vec::new();
    list(&dist, Path::new(""), &mut files)?;
    files.sort();
    Ok(fs::write(out.join("files.rs"), table(&dist, &files, &sections)?)?)
}

/// Installs the packages that the lock file names, unless they are there.
fn install(web: &Path) -> Result<(), Box<dyn Error>> {
    let lock = fs::read(web.join("package-lock.json"))?;
    if fs::read(web.join(INSTALLED)).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    command(web, "npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    let installed = web.join(INSTALLED);
    if let Some(folder) = installed.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(installed, lock)?)
}

/// Has Vite write the files to `dist`.
fn build(web: &Path, dist: &Path) -> Result<(), Box<dyn Error>> {
    let vite = web.join("node_modules/vite/bin/vite.js").display().to_string();
    let dist = dist.display().to_string();
    command(web, "node", &[&vite, "build", "--outDir", &dist, "--emptyOutDir", "--logLevel", "error"])
}

/// Runs a program that has to succeed; says what to do where it is missing or fails.
fn command(folder: &Path, program: &str, args: &[&str]) -> Result<(), Box<dyn Error>> {
    let output = Command::new(program).args(args).current_dir(folder).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!(
            "`{program}` is not on the PATH. The web interface is built with node (20.19 or newer) and npm.\n\
             Install them, or set FLERO_WEB=off to build Flero without the interface."
        ),
        kind => format!("`{program}` cannot be started ({kind})."),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!(
        "The web interface did not build; FLERO_WEB=off builds Flero without it.\n`{program} {}` said:\n{said}",
        args.join(" ")
    )
    .into())
}

/// All files below a folder, as paths relative to `root`.
fn list(root: &Path, inside: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(inside))? {
        let entry = entry?;
        let path = inside.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            list(root, &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// The table as Rust: the page, the first segments of its addresses, and every other file with its compressed copies.
fn table(dist: &Path, files: &[PathBuf], sections: &str) -> Result<String, Box<dyn Error>> {
    let mut text = format!(
        "/// The page.\npub(crate) static PAGE: &str = include_str!({:?});\n\
         /// The first segments of the page's addresses.\npub(crate) static SECTIONS: &[&str] = &{sections};\n\
         /// Every other file, sorted by path.\npub(crate) static FILES: &[File] = &[\n",
        dist.join("index.html")
    );
    let compressed = |path: &Path, ending: &str| {
        let copy = PathBuf::from(format!("{}.{ending}", path.display()));
        if files.contains(&copy) {
            format!("Some(include_bytes!({:?}))", dist.join(copy))
        } else {
            "None".into()
        }
    };
    for path in files {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if matches!(ending, "br" | "gz" | "html") {
            continue;
        }
        writeln!(
            text,
            "File {{ path: {:?}, body: include_bytes!({:?}), brotli: {}, gzip: {} }},",
            format!("/{}", path.display()),
            dist.join(path),
            compressed(path, "br"),
            compressed(path, "gz"),
        )?;
    }
    text.push_str("];\n");
    Ok(text)
}
