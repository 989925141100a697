// The certified OpenID provider as a peer of the OAuth tests: rotation with reuse detection, short tokens, revocation,
// device codes, pushed requests, signed assertions. It prints one line with its address once it listens.
// Usage: node oidc.mjs REDIRECT_PREFIX
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const code = 'authorization_code', refresh = 'refresh_token';
  const device = 'urn:ietf:params:oauth:grant-type:device_code';
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'flero', client_secret: 'peer-client-secret-3c1f', redirect_uris: [`${process.argv[2]}x`],
      response_types: ['code'], grant_types: [code, refresh, 'client_credentials', device],
      token_endpoint_auth_method: 'client_secret_basic',
    }],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access', 'api:read'],
    features: {
      devInteractions: { enabled: true }, deviceFlow: { enabled: true }, revocation: { enabled: true },
      introspection: { enabled: true }, clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
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
    issueRefreshToken: async (_context, client, given) =>
      client.grantTypeAllowed(refresh) && given.scopes.has('offline_access'),
  });
  // The generic kind has a redirect URI for each credential.
  provider.Client.prototype.redirectUriAllowed = (uri) => uri.startsWith(process.argv[2]);
  server.on('request', provider.callback());
  console.log(`ready ${issuer}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
