// npm's oidc-provider with a registration like the tests' own: what both are asked alike, both should answer alike.

import Provider, { errors } from 'oidc-provider'

const { PORT, CLIENT_SECRET, CALLBACK, RESOURCE, SCOPES, JWKS, BACK } = process.env
const resourceServer = { scope: SCOPES, audience: RESOURCE, accessTokenFormat: 'opaque' }

// Its clock is ahead by what a request's header says: codes and tokens expire without anybody waiting.
const now = Date.now
let ahead = 0
Date.now = () => now() + ahead

const confidential = {
  client_secret: CLIENT_SECRET,
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
  post_logout_redirect_uris: [BACK],
}

const provider = new Provider(`http://localhost:${PORT}`, {
  clients: [
    { ...confidential, client_id: 'reporting', redirect_uris: [CALLBACK, 'https://reports.example/other'] },
    { ...confidential, client_id: 'other', redirect_uris: ['https://other.example/callback'] },
    {
      client_id: 'browser',
      redirect_uris: ['https://app.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    {
      client_id: 'keyed',
      redirect_uris: ['https://keyed.example/callback'],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code'],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: JSON.parse(JWKS),
    },
  ],
  scopes: SCOPES.split(' '),
  pkce: { required: () => true },
  issueRefreshToken: (ctx, client, code) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  ttl: { AccessToken: 300, AuthorizationCode: 60 },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => (ctx.oidc.params.grant_type === 'client_credentials' ? RESOURCE : undefined),
      getResourceServerInfo: (ctx, resource) => {
        if (resource !== RESOURCE) throw new errors.InvalidTarget()
        return resourceServer
      },
    },
  },
})
provider.use((ctx, next) => {
  ahead = Number(ctx.get('X-Seconds-Later') || 0) * 1000
  return next()
})
provider.listen(Number(PORT), 'localhost', () => console.log('ready'))
