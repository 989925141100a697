#[derive(serde::Serialize)]
struct Answer {
    token: flero_model::secret::SecretString,
}

fn main() {}
