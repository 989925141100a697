//! HTTP: extractors, bodies, description, errors, webhooks, proxy.
