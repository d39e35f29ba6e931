//! Group 5, in Montgomery form.

use crypto_bigint::modular::ConstMontyForm;
use crypto_bigint::{U1536, const_monty_params};

const_monty_params!(
    Group5,
    U1536,
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
     020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437\
     4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
     EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05\
     98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB\
     9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF",
    "The modulus of group 5."
);

type Element = ConstMontyForm<Group5, { U1536::LIMBS }>;

/// The base to the power of an exponent of so many bits, modulo the group's prime.
pub fn power(base: &U1536, exponent: &U1536, bits: u32) -> U1536 {
    Element::new(base).pow_amm_bounded_exp(exponent, bits).retrieve()
}

/// The modulus less 1.
pub fn minus_one() -> U1536 {
    Element::new(&U1536::ONE).neg().retrieve()
}
