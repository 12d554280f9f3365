"""The one design system: tokens, two skins (console, phone), layouts, macros. Knows no business object."""
