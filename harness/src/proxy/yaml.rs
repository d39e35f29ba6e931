//! The little YAML that a scenario needs, to be written by serde-saphyr.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_saphyr::FlowMap;

use crate::scenario::braces::escape;

/// A node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Yaml {
    /// A text; quoted where it must be.
    Text(String),
    /// Keys in this order, a line each.
    Map(Vec<(String, Yaml)>),
    /// A line each.
    List(Vec<Yaml>),
    /// A mapping on one line.
    Short(Vec<(String, Yaml)>),
}

impl Yaml {
    /// A text.
    pub fn text(text: impl Into<String>) -> Yaml {
        Yaml::Text(text.into())
    }

    /// A mapping with one key.
    pub fn pair(key: impl Into<String>, value: Yaml) -> Yaml {
        Yaml::Map(vec![(key.into(), value)])
    }

    /// A text in which braces are braces.
    pub fn plain(text: &str) -> Yaml {
        Yaml::Text(escape(text))
    }

    /// Such texts as a mapping on one line.
    pub fn short(pairs: &[(String, String)]) -> Yaml {
        Yaml::Short(pairs.iter().map(|(k, v)| (k.clone(), Yaml::plain(v))).collect())
    }
}

struct Pairs<'y>(&'y [(String, Yaml)]);
struct Items<'y>(&'y [Yaml]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            list.serialize_element(item)?;
        }
        list.end()
    }
}

impl Serialize for Yaml {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Yaml::Text(text) => serializer.serialize_str(text),
            Yaml::Map(pairs) => Pairs(pairs).serialize(serializer),
            Yaml::List(items) => Items(items).serialize(serializer),
            Yaml::Short(pairs) => FlowMap(Pairs(pairs)).serialize(serializer),
        }
    }
}
