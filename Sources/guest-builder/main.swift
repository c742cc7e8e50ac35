print("guest-builder")
