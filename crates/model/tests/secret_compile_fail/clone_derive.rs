#[derive(Clone)]
struct Form {
    token: flero_model::secret::SecretString,
}

fn main() {}
