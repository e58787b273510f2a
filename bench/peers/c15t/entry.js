// c15t without React: the runtime of its JavaScript quickstart, with the smallest banner that its "Building UI" page
// describes, since the package has none. Offline mode: no round trip to a back end.
import { getOrCreateConsentRuntime } from 'c15t'
import './banner.css'

const { consentStore } = getOrCreateConsentRuntime({
  mode: 'offline',
  consentCategories: ['necessary', 'measurement', 'experience', 'marketing'],
  overrides: { country: 'DE' },
})
const purposes = [['measurement', 'Analytics: counts visits'], ['experience', 'Video: shows films from elsewhere'], ['marketing', 'Advertising: measures our advertisements']]

const banner = document.createElement('div')
banner.id = 'consent'
banner.hidden = true
banner.setAttribute('role', 'dialog')
banner.setAttribute('aria-label', 'Cookies')
banner.innerHTML = `<p>We would like to count visits, show films from elsewhere and measure our advertisements.</p>
<div id="purposes" hidden>${purposes.map(([id, text]) => `<p><label><input type="checkbox" name="${id}"> ${text}</label></p>`).join('')}<button data-do="save">Save my choice</button></div>
<button data-do="reject">Reject all</button> <button data-do="choose">Choose</button> <button data-do="accept">Accept all</button>`
document.body.append(banner)

banner.addEventListener('click', ({ target }) => {
  const state = consentStore.getState()
  const wanted = target.dataset.do
  if (wanted === 'accept') state.saveConsents('all')
  if (wanted === 'reject') state.saveConsents('necessary')
  if (wanted === 'choose') banner.querySelector('#purposes').hidden = false
  if (wanted === 'save') {
    for (const [id] of purposes) state.setSelectedConsent(id, banner.querySelector(`[name=${id}]`).checked)
    state.saveConsents('custom')
  }
})
const show = ({ activeUI }) => { banner.hidden = activeUI !== 'banner' }
consentStore.subscribe(show)
show(consentStore.getState())
