fn main() {
    let secret = flero_model::secret::SecretString::from("canary");
    let _ = secret.0;
}
