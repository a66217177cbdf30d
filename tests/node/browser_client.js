// npm's oidc-client-ts in a page of its own origin: what a single-page application does, driven by the test.

const given = JSON.parse(sessionStorage.getItem('given') ?? 'null')

window.begin = (settings) => sessionStorage.setItem('given', JSON.stringify(settings))

if (given !== null) {
  window.manager = new oidc.UserManager({ ...given, userStore: new oidc.WebStorageStateStore({ store: sessionStorage }) })
  if (location.search.includes('state=') && location.pathname === '/callback') {
    window.entered = window.manager.signinCallback().then(
      (user) => ({ user: { ...user, profile: user.profile } }),
      (error) => ({ error: error.error, description: error.error_description, message: error.message }),
    )
  }
}
