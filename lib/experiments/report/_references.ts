/** The works that the report rests on, [1] to [9]. */
export const REFERENCES: readonly string[] = [
  "He, K., Zhang, X., Ren, S., Sun, J.: Deep Residual Learning for Image Recognition. CVPR 2016.",
  "Ioffe, S., Szegedy, C.: Batch Normalization: Accelerating Deep Network Training by Reducing " +
  "Internal Covariate Shift. ICML 2015.",
  "Müller, R., Kornblith, S., Hinton, G.: When Does Label Smoothing Help? NeurIPS 2019.",
  "Goodfellow, I. J., Shlens, J., Szegedy, C.: Explaining and Harnessing Adversarial Examples. " +
  "ICLR 2015.",
  "Madry, A., Makelov, A., Schmidt, L., Tsipras, D., Vladu, A.: Towards Deep Learning Models " +
  "Resistant to Adversarial Attacks. ICLR 2018.",
  "Guo, C., Pleiss, G., Sun, Y., Weinberger, K. Q.: On Calibration of Modern Neural Networks. " +
  "ICML 2017.",
  "Geifman, Y., El-Yaniv, R.: Selective Classification for Deep Neural Networks. NIPS 2017.",
  "Sun, Y., Cheng, C., Zhang, Y., Zhang, C., Zheng, L., Wang, Z., Wei, Y.: Circle Loss: A Unified " +
  "Perspective of Pair Similarity Optimization. CVPR 2020.",
  "Ben-David, S., Blitzer, J., Crammer, K., Kulesza, A., Pereira, F., Vaughan, J. W.: A Theory of " +
  "Learning from Different Domains. Machine Learning 79, 2010.",
];
