//! Which region and service a signature is for, as the host's name tells it (AWS General Reference, "AWS service
//! endpoints": `{service}.{region}.amazonaws.com` and its kin).

/// The credential scope of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) region: String,
    pub(super) service: String,
}

/// Names in hosts that differ from the name in signatures.
const SIGNED_AS: &[(&str, &str)] = &[
    ("email", "ses"),
    ("email-smtp", "ses"),
    ("bedrock-runtime", "bedrock"),
    ("bedrock-agent", "bedrock"),
    ("bedrock-agent-runtime", "bedrock"),
    ("queue", "sqs"),
    ("streams", "dynamodb"),
    ("lambda-url", "lambda"),
    ("s3-accelerate", "s3"),
    ("s3-control", "s3"),
];

impl Scope {
    /// The scope of a host of AWS, or `None` for another host.
    pub(super) fn of_host(host: &str) -> Option<Self> {
        let labels = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws"]
            .into_iter()
            .find_map(|suffix| host.strip_suffix(suffix))?;
        let mut labels: Vec<&str> =
            labels.split('.').filter(|label| !matches!(*label, "dualstack" | "vpce")).collect();
        let is_region = |label: &str| {
            let parts: Vec<&str> = label.split('-').collect();
            parts.len() >= 3
                && parts[0].len() == 2
                && parts.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
        };
        // The region stands last, or before the service where the service stands last.
        let place = labels.iter().rposition(|label| is_region(label));
        let region = place.map_or("us-east-1", |place| labels.remove(place)).to_owned();
        let service = labels.last()?.trim_end_matches("-fips");
        let service =
            SIGNED_AS.iter().find(|(name, _)| *name == service).map_or(service, |(_, signed)| signed);
        Some(Self { region, service: service.to_owned() })
    }

    /// Whether the service is one that speaks S3, with rules of its own for paths and bodies.
    pub(super) fn is_s3(&self) -> bool {
        matches!(self.service.as_str(), "s3" | "s3-object-lambda" | "s3express" | "s3-outposts")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_aws_tell_region_and_service() {
        for (host, region, service) in [
            ("sqs.eu-central-1.amazonaws.com", "eu-central-1", "sqs"),
            ("bucket.with.dots.s3.eu-west-3.amazonaws.com", "eu-west-3", "s3"),
            ("s3.amazonaws.com", "us-east-1", "s3"),
            ("s3.dualstack.us-west-2.amazonaws.com", "us-west-2", "s3"),
            ("iam.amazonaws.com", "us-east-1", "iam"),
            ("abc123.execute-api.ap-southeast-2.amazonaws.com", "ap-southeast-2", "execute-api"),
            ("search-x.us-gov-west-1.es.amazonaws.com", "us-gov-west-1", "es"),
            ("email.us-east-1.amazonaws.com", "us-east-1", "ses"),
            ("bedrock-runtime.us-east-1.amazonaws.com", "us-east-1", "bedrock"),
            ("sts.cn-north-1.amazonaws.com.cn", "cn-north-1", "sts"),
            ("abc.lambda-url.us-east-1.on.aws", "us-east-1", "lambda"),
            ("kms-fips.us-east-2.amazonaws.com", "us-east-2", "kms"),
        ] {
            let found = Scope::of_host(host).unwrap();
            assert_eq!((found.region.as_str(), found.service.as_str()), (region, service), "{host}");
        }
        assert_eq!(Scope::of_host("minio.example.com"), None);
        assert_eq!(Scope::of_host("amazonaws.com.evil.example"), None);
    }
}
