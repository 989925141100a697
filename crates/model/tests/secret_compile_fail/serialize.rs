fn main() {
    let secret = flero_model::secret::SecretString::from("canary");
    let _ = serde_json::to_string(&secret);
}
