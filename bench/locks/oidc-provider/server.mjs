// npm oidc-provider as a peer: client_credentials with ES256 or opaque access tokens, everything in memory, one process.
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { Provider } from 'oidc-provider'

const { PORT, CLIENT_ID, CLIENT_SECRET, RESOURCE, ACCESS_TOKENS } = process.env
const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })

const provider = new Provider(`http://localhost:${PORT}`, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'bench' }] },
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: '',
        accessTokenFormat: ACCESS_TOKENS,
        accessTokenTTL: 300,
        ...(ACCESS_TOKENS === 'jwt' && { jwt: { sign: { alg: 'ES256', kid: 'bench' } } }),
      }),
    },
  },
})

provider.listen(Number(PORT), '127.0.0.1')
