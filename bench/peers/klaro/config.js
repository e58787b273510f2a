// As Klaro's README has it: a config.js, then klaro.js, both deferred. Its notice has all three buttons by these settings.
window.klaroConfig = {
  acceptAll: true,
  hideDeclineAll: false,
  translations: {
    zz: { privacyPolicyUrl: '/privacy' },
    en: {
      purposes: { analytics: 'Analytics', video: 'Video', advertising: 'Advertising' },
      analytics: { description: 'Counts visits, so that we see which pages help.' },
      video: { description: 'Shows films from elsewhere.' },
      advertising: { description: 'Measures which of our advertisements brought you here.' },
    },
  },
  services: [
    { name: 'analytics', title: 'Analytics', purposes: ['analytics'] },
    { name: 'video', title: 'Video', purposes: ['video'] },
    { name: 'advertising', title: 'Advertising', purposes: ['advertising'] },
  ],
}
