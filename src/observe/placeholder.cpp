// observe
