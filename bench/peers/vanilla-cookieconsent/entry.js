// As https://cookieconsent.orestbida.com/essential/getting-started.html has it, bundled; all three buttons are its own.
import 'vanilla-cookieconsent/dist/cookieconsent.css'
import * as CookieConsent from 'vanilla-cookieconsent'

CookieConsent.run({
  // Else it shows nothing to a browser that a program drives.
  hideFromBots: false,
  categories: { necessary: { enabled: true, readOnly: true }, analytics: {}, video: {}, advertising: {} },
  language: {
    default: 'en',
    translations: {
      en: {
        consentModal: {
          title: 'May we use cookies?',
          description: 'We would like to count visits, show films from elsewhere and measure our advertisements.',
          acceptAllBtn: 'Accept all',
          acceptNecessaryBtn: 'Reject all',
          showPreferencesBtn: 'Manage preferences',
        },
        preferencesModal: {
          title: 'Your preferences',
          acceptAllBtn: 'Accept all',
          acceptNecessaryBtn: 'Reject all',
          savePreferencesBtn: 'Save my choice',
          closeIconLabel: 'Close',
          sections: [
            { title: 'Necessary', description: 'Keeps the basket.', linkedCategory: 'necessary' },
            { title: 'Analytics', description: 'Counts visits, so that we see which pages help.', linkedCategory: 'analytics' },
            { title: 'Video', description: 'Shows films from elsewhere.', linkedCategory: 'video' },
            { title: 'Advertising', description: 'Measures which of our advertisements brought you here.', linkedCategory: 'advertising' },
          ],
        },
      },
    },
  },
})
