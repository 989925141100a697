fn main() {
    let secret = flero_model::secret::SecretString::from("canary");
    let _: &str = &secret;
}
