// engine/reference
