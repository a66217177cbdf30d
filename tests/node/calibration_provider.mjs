// npm's oidc-provider with a registration like the tests' own: what both are asked alike, both should answer alike.

import Provider, { errors } from 'oidc-provider'

const { PORT, CLIENT_SECRET, CALLBACK, RESOURCE, SCOPES } = process.env
const resourceServer = { scope: SCOPES, audience: RESOURCE, accessTokenFormat: 'opaque' }

const provider = new Provider(`http://localhost:${PORT}`, {
  clients: [
    {
      client_id: 'reporting',
      client_secret: CLIENT_SECRET,
      redirect_uris: [CALLBACK, 'https://reports.example/other'],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      post_logout_redirect_uris: ['https://reports.example/bye'],
    },
    {
      client_id: 'browser',
      redirect_uris: ['https://app.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
  ],
  scopes: SCOPES.split(' '),
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      getResourceServerInfo: (ctx, resource) => {
        if (resource !== RESOURCE) throw new errors.InvalidTarget()
        return resourceServer
      },
    },
  },
})
provider.listen(Number(PORT), 'localhost', () => console.log('ready'))
