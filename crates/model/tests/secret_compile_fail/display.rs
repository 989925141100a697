fn main() {
    let secret = flero_model::secret::SecretString::from("canary");
    println!("{secret}");
}
