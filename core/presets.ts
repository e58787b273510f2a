// Looks that are finished: each has its colours in light and in dark. `plain` is what the banner has without any.

/** The presets. */
export const presets = {
  plain: {
    light: { background: '#ffffff', text: '#000000', border: '#888888', button_background: '#000000', button_text: '#ffffff', focus: '#3377ff' },
    dark: { background: '#121212', text: '#ffffff', border: '#888888', button_background: '#ffffff', button_text: '#121212', focus: '#6699ff' },
  },
  paper: {
    light: { background: '#fbf7ef', text: '#2b2620', border: '#d8cdb8', button_background: '#3d342a', button_text: '#fbf7ef', focus: '#9a4f00' },
    dark: { background: '#221d17', text: '#f3ecdf', border: '#574b3c', button_background: '#f3ecdf', button_text: '#221d17', focus: '#f0a95a' },
  },
  slate: {
    light: { background: '#f6f8fb', text: '#1c2733', border: '#cbd5e1', button_background: '#1f3a5f', button_text: '#ffffff', focus: '#2563eb' },
    dark: { background: '#16202b', text: '#e8eef5', border: '#3b4a5c', button_background: '#cfe0f5', button_text: '#16202b', focus: '#7db1ff' },
  },
  forest: {
    light: { background: '#f4f8f3', text: '#17261a', border: '#c3d4c2', button_background: '#1f5132', button_text: '#ffffff', focus: '#1d6f8c' },
    dark: { background: '#13201a', text: '#e6f0e8', border: '#3a5244', button_background: '#bfe3c8', button_text: '#13201a', focus: '#7cc8e6' },
  },
  berry: {
    light: { background: '#fdf6f9', text: '#31141f', border: '#e5c6d3', button_background: '#8a1f4e', button_text: '#ffffff', focus: '#7a3fd1' },
    dark: { background: '#26131b', text: '#f8e8ef', border: '#5c3445', button_background: '#f3bfd4', button_text: '#26131b', focus: '#c9a6ff' },
  },
} as const
