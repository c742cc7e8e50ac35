print("kernelarium")
