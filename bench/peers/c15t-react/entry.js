// As @c15t/react's quickstart has it: provider, banner and dialog. Offline mode: no round trip to a back end.
import { ConsentBanner, ConsentDialog, ConsentManagerProvider } from '@c15t/react'
import '@c15t/react/styles.css'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'

const options = {
  mode: 'offline',
  consentCategories: ['necessary', 'measurement', 'experience', 'marketing'],
  overrides: { country: 'DE' },
}
createRoot(document.getElementById('root')).render(
  createElement(ConsentManagerProvider, { options }, createElement(ConsentBanner), createElement(ConsentDialog)))
