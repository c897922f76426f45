// engine/cpu
