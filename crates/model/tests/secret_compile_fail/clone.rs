fn main() {
    let secret = flero_model::secret::SecretBytes::new(vec![1]);
    let _ = secret.clone();
}
