use super::*;
use proptest::prelude::*;
use serde_json::json;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text_is_only_refused(token in any::<String>()) {
        prop_assert!(open(&token).is_err());
    }

    #[test]
    fn any_parts_are_only_refused(
        header in prop::collection::vec(any::<u8>(), 0..80),
        claims in prop::collection::vec(any::<u8>(), 0..200),
        signature in prop::collection::vec(any::<u8>(), 60..68),
        honest in any::<bool>(),
    ) {
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let header = if honest {
            br#"{"alg":"EdDSA","typ":"secevent+jwt","kid":""}"#.to_vec()
        } else {
            header
        };
        let token = format!("{}.{}.{}", encode(&header), encode(&claims), encode(&signature));
        prop_assert!(open(&token).is_err());
    }

    #[test]
    fn any_sealed_part_of_a_true_signer_is_only_refused(
        sealed_part in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let token = sealed(&message(), NOW);
        let mut claims = part(&token, 1);
        claims["events"][FACTOR_ACTIVATED]["sealed"] = json!(BASE64URL_NOPAD.encode(&sealed_part));
        prop_assert!(open(&forge(&part(&token, 0), &claims, &jmu())).is_err());
    }
}
