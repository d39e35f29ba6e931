//! Keys of variables: a table of variables makes one for each, so that a lookup of a name or a type that is not in the
//! table does not compile.

use core::marker::PhantomData;

/// A variable of `Of` (a network, the globals) whose value is a `Value`.
pub struct Key<Of, Value> {
    name: &'static str,
    kind: PhantomData<fn() -> (Of, Value)>,
}

impl<Of, Value> Clone for Key<Of, Value> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Of, Value> Copy for Key<Of, Value> {}

impl<Of, Value> Key<Of, Value> {
    /// The key of a row of a table.
    pub(super) const fn new(name: &'static str) -> Self {
        Key { name, kind: PhantomData }
    }

    /// The variable's name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// The key of a global variable.
pub type GlobalKey<Value> = Key<super::Globals, Value>;
/// The key of a variable of a network.
pub type NetworkKey<Value> = Key<super::Network, Value>;

/// Types of values, as lookups give them.
pub mod value {
    macro_rules! values {
        ($($(#[$doc:meta])* $name:ident)*) => {
            $($(#[$doc])* #[derive(Clone, Copy, Debug)] pub enum $name {})*

            /// The same, to be compared with what a table says.
            #[derive(Clone, Copy, PartialEq, Eq, Debug)]
            pub enum Type { $($name,)* }
        };
    }

    values! {
        /// A number.
        Int
        /// A string.
        Text
        /// Octets of a given form: an address, a UUID, elements.
        Octets
        /// An address.
        Addr
        /// Addresses with masks.
        Addrs
        /// Numbers.
        Ints
        /// Texts.
        List
        /// Words as bits.
        Bits
        /// EAP methods.
        Methods
        /// A variable without a lookup of its own: another name, a pre-shared key, a variable that is forgotten.
        Other
    }
}

/// Makes a table of variables with a key for each, from rows `KEY: Type = "name", kind;`.
macro_rules! variables {
    ($of:ty; $($key:ident: $value:ident = $name:literal, $kind:expr;)*) => {
        /// Every variable.
        pub const FIELDS: &[Field] = &[$(Field { name: $name, kind: $kind },)*];

        /// The keys of the variables.
        pub mod keys {
            use crate::config::key::{Key, value};

            $(#[doc = concat!("`", $name, "`")] pub const $key: Key<$of, value::$value> = Key::new($name);)*
        }

        // The type of a key is that of its variable.
        $(const _: () = assert!(matches!($kind.value(), crate::config::key::value::Type::$value));)*
    };
}
pub(super) use variables;
