//! The files below a directory of scenarios: links are followed, each directory is walked once, and what cannot be
//! looked at is said instead of being passed over.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::SelectError;
use crate::scenario::bounded::irregular;
use crate::system;

/// Directories nest no deeper than this.
pub const DEPTH: usize = 16;
/// No more entries than this are looked at: a link may lead to the root of a file system.
pub const ENTRIES: usize = 200_000;

/// The files that a walk found.
#[derive(Default)]
pub struct Walk {
    /// Regular files, relative to the root, sorted.
    pub files: Vec<String>,
    /// The files that cannot be looked at but may be scenarios.
    pub problems: Vec<SelectError>,
}

/// Names a directory whatever path leads to it.
type Identity = (u64, u64, PathBuf);

struct Walker<'w> {
    root: &'w Path,
    seen: BTreeSet<Identity>,
    /// Links to directories are followed when all other directories are known, so that what is reached both ways
    /// has the name without the link.
    links: VecDeque<(PathBuf, usize)>,
    entries: usize,
    walk: Walk,
}

/// Walks the directory `below` of `root`.
pub fn walk(root: &Path, below: &str) -> Walk {
    let mut walker =
        Walker { root, seen: BTreeSet::new(), links: VecDeque::new(), entries: 0, walk: Walk::default() };
    walker.directory(PathBuf::from(below), 0);
    while let Some((link, depth)) = walker.links.pop_front() {
        walker.directory(link, depth);
    }
    let mut walk = walker.walk;
    walk.files.sort();
    walk
}

impl Walker<'_> {
    fn shown(&self, relative: &Path) -> String {
        let root = if self.root == Path::new(".") { Path::new("") } else { self.root };
        let shown = root.join(relative);
        match shown.as_os_str().is_empty() {
            true => ".".to_owned(),
            false => shown.display().to_string(),
        }
    }

    fn problem(&mut self, relative: &Path, reason: String) {
        let path = self.shown(relative);
        self.walk.problems.push(SelectError::Unusable { path, reason });
    }

    /// Walks a directory and, at once, those in it that are no links.
    fn directory(&mut self, relative: PathBuf, depth: usize) {
        let path = match self.root.join(&relative) {
            path if path.as_os_str().is_empty() => PathBuf::from("."),
            path => path,
        };
        let entries = fs::metadata(&path).and_then(|metadata| {
            let fresh = self.seen.insert(identity(&path, &metadata)?);
            if fresh { sorted(&path).map(Some) } else { Ok(None) }
        });
        match entries {
            Ok(None) => {}
            Ok(Some(_)) if depth > DEPTH => {
                self.problem(
                    &relative,
                    format!("deeper than {DEPTH} directories, and therefore not looked at"),
                );
            }
            Ok(Some(entries)) => {
                for entry in entries {
                    self.entry(&relative, entry, depth);
                }
            }
            Err(error) => self.problem(&relative, format!("the directory cannot be read: {error}")),
        }
    }

    fn entry(&mut self, above: &Path, entry: io::Result<DirEntry>, depth: usize) {
        self.entries += 1;
        if self.entries > ENTRIES {
            if self.entries == ENTRIES + 1 {
                self.problem(
                    Path::new(""),
                    format!("more than {ENTRIES} files are below it; the rest is not looked at"),
                );
            }
            return;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                return self.problem(above, format!("the directory cannot be read to its end: {error}"));
            }
        };
        let name = entry.file_name();
        let lossy = name.to_string_lossy();
        // Hidden directories are version control's and tools'; `.#name` is an editor's lock, a link that leads nowhere.
        let hidden = lossy.starts_with('.');
        if lossy.starts_with(".#") {
            return;
        }
        let relative = above.join(&name);
        let wanted = lossy.ends_with(".yaml") || lossy.ends_with(".transcript");
        let may_be_directory = !hidden && !lossy.contains('.');
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        match fs::metadata(entry.path()) {
            Ok(metadata) if metadata.is_dir() => {
                if hidden {
                } else if name.to_str().is_none() {
                    self.problem(&relative, "the directory's name is not UTF-8".to_owned());
                } else if is_link {
                    self.links.push_back((relative, depth + 1));
                } else {
                    self.directory(relative, depth + 1);
                }
            }
            Ok(metadata) => match irregular(metadata.file_type()) {
                _ if !wanted => self.plain(&relative),
                Some(noun) => self.problem(&relative, format!("not a regular file but {noun}")),
                None if name.to_str().is_none() => {
                    self.problem(&relative, "the file's name is not UTF-8".to_owned())
                }
                None => self.plain(&relative),
            },
            Err(error) if wanted || may_be_directory => {
                let reason = match error.kind() {
                    io::ErrorKind::NotFound if is_link => "a link that leads nowhere".to_owned(),
                    // It was removed meanwhile.
                    io::ErrorKind::NotFound => return,
                    _ => error.to_string(),
                };
                self.problem(&relative, reason);
            }
            Err(_) => {}
        }
    }

    fn plain(&mut self, relative: &Path) {
        if let Some(text) = relative.to_str() {
            let text = if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() };
            self.walk.files.push(text);
        }
    }
}

fn sorted(path: &Path) -> io::Result<Vec<io::Result<DirEntry>>> {
    let mut entries: Vec<io::Result<DirEntry>> = system::read_dir(path)?.take(ENTRIES + 1).collect();
    entries.sort_by_key(|entry| entry.as_ref().map(DirEntry::file_name).ok());
    Ok(entries)
}

#[cfg(unix)]
fn identity(_: &Path, metadata: &Metadata) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    Ok((metadata.dev(), metadata.ino(), PathBuf::new()))
}

#[cfg(not(unix))]
fn identity(path: &Path, _: &Metadata) -> io::Result<Identity> {
    Ok((0, 0, path.canonicalize()?))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    struct Dir(PathBuf);

    impl Dir {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("wpasim-walk-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Dir(path)
        }

        fn put(&self, path: &str) {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "steps: []\n").unwrap();
        }

        fn problems(&self) -> Vec<String> {
            let prefix = format!("{}/", self.0.display());
            walk(&self.0, "").problems.iter().map(|p| p.to_string().replace(&prefix, "")).collect()
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn links_are_followed_and_each_directory_is_walked_once() {
        let dir = Dir::new("links");
        dir.put("real/x.yaml");
        symlink("real", dir.0.join("a-link")).unwrap();
        symlink("..", dir.0.join("real/up")).unwrap();
        symlink("real/x.yaml", dir.0.join("y.yaml")).unwrap();
        let outside = Dir::new("links-outside");
        outside.put("sub/z.yaml");
        symlink(&outside.0, dir.0.join("elsewhere")).unwrap();
        let walk = super::walk(&dir.0, "");
        assert_eq!(walk.files, ["elsewhere/sub/z.yaml", "real/x.yaml", "y.yaml"]);
        assert!(walk.problems.is_empty());
        assert_eq!(
            super::walk(&dir.0, "a-link").files,
            ["a-link/up/elsewhere/sub/z.yaml", "a-link/up/y.yaml", "a-link/x.yaml"]
        );
    }

    #[test]
    fn depth_is_limited_and_said() {
        let dir = Dir::new("depth");
        let deep = |levels: usize| format!("{}x.yaml", "d/".repeat(levels));
        dir.put(&deep(DEPTH));
        assert!(dir.problems().is_empty());
        dir.put(&deep(DEPTH + 1));
        let path = vec!["d"; DEPTH + 1].join("/");
        assert_eq!(
            dir.problems(),
            [format!("{path}: deeper than {DEPTH} directories, and therefore not looked at")]
        );
        assert_eq!(walk(&dir.0, "").files, [deep(DEPTH)]);
    }

    #[test]
    fn what_cannot_be_looked_at_is_said() {
        use std::os::unix::ffi::OsStrExt;
        let dir = Dir::new("problems");
        dir.put("good.yaml");
        fs::write(dir.0.join(std::ffi::OsStr::from_bytes(b"\xff.yaml")), "steps: []\n").unwrap();
        fs::write(dir.0.join(std::ffi::OsStr::from_bytes(b"\xff.txt")), "").unwrap();
        symlink("nowhere", dir.0.join("dangling.yaml")).unwrap();
        symlink("nowhere", dir.0.join("dangling")).unwrap();
        symlink("nowhere", dir.0.join("dangling.o")).unwrap();
        symlink("someone@host.1", dir.0.join(".#good.yaml")).unwrap();
        symlink("loop.yaml", dir.0.join("loop.yaml")).unwrap();
        symlink("/dev/zero", dir.0.join("zero.yaml")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.0.join("socket.yaml")).unwrap();
        let problems = dir.problems();
        assert_eq!(
            problems,
            [
                "dangling: a link that leads nowhere",
                "dangling.yaml: a link that leads nowhere",
                "loop.yaml: Too many levels of symbolic links (os error 40)",
                "socket.yaml: not a regular file but a socket",
                "zero.yaml: not a regular file but a device",
                "\u{fffd}.yaml: the file's name is not UTF-8",
            ]
        );
    }
}
