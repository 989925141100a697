fn main() {
    let secret = flero_model::secret::SecretString::from("canary");
    let _: String = secret.into();
}
