fn main() {
    let left = flero_model::secret::SecretString::from("canary");
    let right = flero_model::secret::SecretString::from("canary");
    let _ = left == right;
}
