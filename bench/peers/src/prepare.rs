//! Builds and installs the contenders below `target/`, in the versions that their lists pin, and packs what would be deployed.

use crate::Failure;
use crate::contender::Contender;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the sources of the contenders are.
const SOURCES: &str = env!("CARGO_MANIFEST_DIR");

/// What the packages for Node have that is only for making the bundle.
const BUNDLER: [&str; 3] = ["esbuild", "@esbuild", ".bin"];

pub(crate) fn all(contenders: &[Contender], place: &Path) -> Result<(), Failure> {
    let has = |wanted: &[Contender]| contenders.iter().any(|it| wanted.contains(it));
    if has(&[Contender::Kokunai, Contender::Floor, Contender::Bare]) {
        // Together, so that what they share is built once; the first package has the production binary too.
        run(cargo().args(["build", "--release", "--locked", "--package", "kokunai", "--package", "peers-contenders"]))?;
    }
    if has(&[Contender::Python]) {
        python(place)?;
    }
    if has(&[Contender::Node, Contender::Bundled]) {
        node(place)?;
    }
    if has(&[Contender::LiteLlm]) {
        litellm(place)?;
    }
    Ok(())
}

/// The cargo that runs the benchmark, without what it says of this package: build scripts look at that, and would run again after
/// each build by hand.
#[expect(clippy::disallowed_methods, reason = "cargo tells who it is")]
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let of_this_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_this_package)) {
        cargo.env_remove(name);
    }
    cargo
}

fn python(place: &Path) -> Result<(), Failure> {
    let target = place.join("python");
    let list = source("python/requirements.txt");
    once(&target, &list, || {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        run(pip.arg(&target).arg("-r").arg(&list))
    })?;
    copy("python/handler.py", &target)
}

fn node(place: &Path) -> Result<(), Failure> {
    let target = place.join("node");
    let list = source("node/package-lock.json");
    once(&target, &list, || {
        std::fs::create_dir_all(&target)?;
        copy("node/package.json", &target)?;
        copy("node/package-lock.json", &target)?;
        run(Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&target))
    })?;
    copy("node/handler.mjs", &target)?;
    copy("node/runtime.mjs", &target)?;
    let bundle = ["handler.mjs", "--bundle", "--minify", "--platform=node", "--target=node20", "--format=esm"];
    let mut esbuild = Command::new(target.join("node_modules/.bin/esbuild"));
    esbuild.args(bundle).args(["--log-level=warning", "--outfile=bundled/handler.mjs"]);
    // Some packages are still written for `require`, which a module of ECMAScript does not have.
    esbuild.arg("--banner:js=import{createRequire}from'node:module';const require=createRequire(import.meta.url);");
    run(esbuild.current_dir(&target))
}

fn litellm(place: &Path) -> Result<(), Failure> {
    let target = place.join("litellm");
    let list = source("litellm/requirements.txt");
    once(&target, &list, || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&target))?;
        let mut pip = Command::new(target.join("bin/pip"));
        run(pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&list))
    })?;
    let save_roots = "import certifi, shutil, sys; shutil.copyfile(certifi.where(), sys.argv[1])";
    run(Command::new(target.join("bin/python")).args(["-c", save_roots]).arg(target.join("roots.pem")))?;
    copy("litellm/litellm.yaml", place)
}

/// The size in megabytes of what would be deployed, as a zip; nothing for what is no Lambda function.
pub(crate) fn zipped(contender: Contender, place: &Path) -> Result<Option<f64>, Failure> {
    let release = |name: &str| Ok::<_, Failure>(vec![place.join("../release").join(name)]);
    let files = match contender {
        Contender::Kokunai => release("kokunai"),
        Contender::Floor => release("peer-floor"),
        Contender::Bare => release("peer-bare"),
        Contender::Python => inside(&uncompiled(place)?, &["bin"]),
        Contender::Node => {
            let mut files = inside(&place.join("node/node_modules"), &BUNDLER)?;
            files.push(place.join("node/handler.mjs"));
            Ok(files)
        }
        Contender::Bundled => Ok(vec![place.join("node/bundled/handler.mjs")]),
        Contender::LiteLlm => return Ok(None),
    }?;
    let zip = place.join(format!("{}.zip", contender.name()));
    run(Command::new("python3").args(["-m", "zipfile", "--create"]).arg(&zip).args(files))?;
    #[expect(clippy::cast_precision_loss, reason = "no artifact has 2^52 bytes")]
    Ok(Some(std::fs::metadata(zip)?.len() as f64 / 1e6))
}

/// The handler in Python and its packages, without what Python made of their sources.
fn uncompiled(place: &Path) -> Result<PathBuf, Failure> {
    let copy = place.join("python-package");
    if copy.exists() {
        std::fs::remove_dir_all(&copy)?;
    }
    let script = "import shutil, sys; shutil.copytree(*sys.argv[1:], ignore=shutil.ignore_patterns('__pycache__'))";
    run(Command::new("python3").args(["-c", script]).arg(place.join("python")).arg(&copy))?;
    Ok(copy)
}

/// What a folder has in it, but for these names and what is left of the installation.
fn inside(folder: &Path, without: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !without.contains(&name.as_str()) && !name.starts_with('.') {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Installs what a list names, unless that has been done.
fn once(target: &Path, list: &Path, install: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    let (stamp, wanted) = (target.join(".installed"), std::fs::read(list)?);
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if target.exists() {
        std::fs::remove_dir_all(target)?;
    }
    install()?;
    Ok(std::fs::write(stamp, wanted)?)
}

fn source(name: &str) -> PathBuf {
    Path::new(SOURCES).join(name)
}

fn copy(name: &str, folder: &Path) -> Result<(), Failure> {
    let source = source(name);
    std::fs::copy(&source, folder.join(source.file_name().unwrap_or_default()))?;
    Ok(())
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
