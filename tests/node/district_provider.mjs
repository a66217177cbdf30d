// npm's oidc-provider as a district's own provider, for whoever signs in there: what signs in through it is tested against it.

import Provider from 'oidc-provider'

const { PORT, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, EMAIL } = process.env

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  findAccount: (ctx, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, email: EMAIL, email_verified: true }),
  }),
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
})
provider.listen(Number(PORT), '127.0.0.1', () => console.log('ready'))
