// The certified OpenID provider as a peer of the OAuth tests: rotation with reuse detection, short tokens, revocation,
// device codes, pushed requests, signed assertions, tokens that are bound to a key or to a client certificate. It prints
// one line with its address once it listens.
// Usage: node oidc.mjs REDIRECT_PREFIX [CLIENTS]
// CLIENTS is JSON: `tls` ({key, cert, ca} as PEM) to serve HTTPS and ask for client certificates, and `jwks` of the
// clients that have keys of their own, by client ID.
import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Provider } from 'oidc-provider';

// Whoever started this reads one line and closes the pipe; a notice that is written afterwards would end the process.
console.info = console.error;

const given = JSON.parse(process.argv[3] ?? '{}');
const server = given.tls
  ? createTlsServer({ ...given.tls, requestCert: true, rejectUnauthorized: false })
  : createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `${given.tls ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  const code = 'authorization_code', refresh = 'refresh_token';
  const device = 'urn:ietf:params:oauth:grant-type:device_code';
  const client = (client_id, ways) => ({
    client_id, redirect_uris: [`${process.argv[2]}x`], response_types: ['code'],
    grant_types: [code, refresh, 'client_credentials', device], ...ways,
  });
  const secret = { client_secret: 'peer-client-secret-3c1f', token_endpoint_auth_method: 'client_secret_basic' };
  const keyed = (client_id, ways) => given.jwks?.[client_id] ? [client(client_id, { jwks: given.jwks[client_id], ...ways })] : [];
  const machine = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
  const provider = new Provider(issuer, {
    clients: [
      client('flero', secret),
      client('flero-dpop', { ...secret, dpop_bound_access_tokens: true }),
      ...keyed('flero-key', { token_endpoint_auth_method: 'private_key_jwt', ...machine }),
      ...keyed('flero-signs-in', { token_endpoint_auth_method: 'private_key_jwt' }),
      ...keyed('flero-certificate', {
        token_endpoint_auth_method: 'self_signed_tls_client_auth', tls_client_certificate_bound_access_tokens: true, ...machine,
      }),
      client('flero-authority', {
        token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'client.example.com',
        tls_client_certificate_bound_access_tokens: true, ...machine,
      }),
    ].filter((one) => given.tls || !one.token_endpoint_auth_method.includes('tls')),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none',
      ...(given.tls ? ['tls_client_auth', 'self_signed_tls_client_auth'] : [])],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access', 'api:read'],
    features: {
      devInteractions: { enabled: true }, deviceFlow: { enabled: true }, revocation: { enabled: true },
      introspection: { enabled: true }, clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
      mTLS: {
        enabled: Boolean(given.tls), certificateBoundAccessTokens: true, selfSignedTlsClientAuth: true, tlsClientAuth: true,
        getCertificate: (context) => shown(context.req),
        certificateAuthorized: (context) => context.socket.authorized,
        certificateSubjectMatches: (context, property, expected) =>
          property === 'tls_client_auth_san_dns' && shown(context.req)?.checkHost(expected) === expected,
      },
    },
    ttl: {
      AccessToken: 3600, RefreshToken: 7200, AuthorizationCode: 60, DeviceCode: 600, Session: 3600, Grant: 7200,
      Interaction: 3600, IdToken: 3600, ClientCredentials: 600,
    },
    claims: { openid: ['sub'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: async (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: `${id}@example.test` }),
    }),
    issueRefreshToken: async (_context, one, asked) =>
      one.grantTypeAllowed(refresh) && asked.scopes.has('offline_access'),
  });
  // The generic kind has a redirect URI for each credential.
  provider.Client.prototype.redirectUriAllowed = (uri) => uri.startsWith(process.argv[2]);
  const answer = provider.callback();
  server.on('request', (request, response) =>
    request.url === '/resource' ? resource(provider, request, response) : answer(request, response));
  console.log(`ready ${issuer}`);
});
process.stdin.on('end', () => process.exit(0)).resume();

function shown(request) {
  const certificate = request.socket.getPeerCertificate?.();
  return certificate?.raw ? new X509Certificate(certificate.raw) : undefined;
}

// A resource of its own, for tokens that speak for nobody: it takes one that is bound to the certificate of this
// connection, as the provider stored it (RFC 8705 section 3).
async function resource(provider, request, response) {
  const token = await provider.ClientCredentials.find((request.headers.authorization ?? '').replace('Bearer ', ''));
  const certificate = shown(request);
  const hash = certificate && Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
  const fits = token && hash && token['x5t#S256'] === hash;
  response.writeHead(fits ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(fits ? { client: token.clientId } : { error: 'invalid_token' }));
}
